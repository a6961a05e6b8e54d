package io.kvasir.region.raft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.kvasir.proto.id.RegionId;
import io.kvasir.region.raft.SnapshotFrame.Answer;
import io.kvasir.region.raft.SnapshotFrame.Contents;
import io.kvasir.region.raft.SnapshotFrame.Item;
import io.kvasir.region.raft.StateMachine.AppliedState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The vectors of {@code docs/keyspace.md} under "Snapshots" are what this package makes. */
final class SnapshotFrameTest {

    private static final Path DOCUMENT = Path.of("..", "docs", "keyspace.md");
    private static final Pattern VECTOR = Pattern.compile("(?m)^(snapshot\\.[a-z-]+): ([0-9a-f ]+)$");

    private static final SnapshotFrame CHUNK = new SnapshotFrame(5, 2, 524_288, 1_000);
    private static final Contents CONTENTS = new Contents(
            new RegionId(3), new AppliedState(500, 7), new byte[] {(byte) 0xaa}, List.of(new Item(1, 300, 0x01020304)));

    @Test
    void theDocumentIsTrue() throws IOException {
        Map<String, byte[]> vectors = Map.of(
                "snapshot.ask-list", SnapshotFrame.list(5).encode(),
                "snapshot.ask-chunk", CHUNK.encode(),
                "snapshot.done", SnapshotFrame.encode(new Answer.Done("abc".getBytes())),
                "snapshot.wait", SnapshotFrame.encode(new Answer.Wait()),
                "snapshot.gone", SnapshotFrame.encode(new Answer.Gone("no")),
                "snapshot.list", SnapshotFrame.encode(CONTENTS));
        Map<String, String> made = new TreeMap<>();
        vectors.forEach((name, bytes) -> made.put(name, HexFormat.of().formatHex(bytes)));
        Map<String, String> written = new TreeMap<>();
        Matcher found = VECTOR.matcher(Files.readString(DOCUMENT));
        while (found.find()) {
            written.put(found.group(1), found.group(2).replace(" ", ""));
        }
        assertEquals(made, written);
    }

    @Test
    void whatWasWrittenIsReadBack() {
        assertEquals(CHUNK, SnapshotFrame.decode(CHUNK.encode()));
        assertEquals(new Answer.Wait(), SnapshotFrame.decodeAnswer(SnapshotFrame.encode(new Answer.Wait())));
        Contents read = SnapshotFrame.decodeContents(SnapshotFrame.encode(CONTENTS));
        assertArrayEquals(SnapshotFrame.encode(CONTENTS), SnapshotFrame.encode(read));
    }

    @Test
    void aChunkThatIsTooLongOrLiesNowhereIsRefused() {
        for (SnapshotFrame bad : List.of(
                new SnapshotFrame(5, 0, 0, SnapshotSettings.CHUNK_BYTES + 1),
                new SnapshotFrame(5, -2, 0, 1),
                new SnapshotFrame(5, 0, -1, 1))) {
            assertThrows(IllegalArgumentException.class, () -> SnapshotFrame.decode(bad.encode()));
        }
    }
}
