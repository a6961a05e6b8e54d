package io.kvasir.store.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.store.disk.DiskFile;
import io.kvasir.store.disk.RealDisk;
import io.kvasir.store.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bytes written are those that docs/log-format.md shows, and what it shows can be read. */
final class LogFormatTest {

    private static final Path DIRECTORY = Path.of("/log");
    private static final Path SPECIFICATION = Path.of("..", "docs", "log-format.md");
    private static final LogSettings SETTINGS = new LogSettings(4096, 4096, 4096, 0, 1024, 0, 1);
    private static final RegionId REGION = new RegionId(7);

    @TempDir
    Path temporary;

    private static byte[] specified() throws IOException {
        Matcher block = Pattern.compile("Test vector.*?```\\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(SPECIFICATION));
        assertEquals(true, block.find());
        String digits = block.group(1)
                .lines()
                .map(line -> line.replaceAll("#.*", "").replaceAll("\\s", ""))
                .collect(Collectors.joining());
        return HexFormat.of().parseHex(digits);
    }

    @Test
    void theBytesWrittenAreThoseOfTheSpecification() throws IOException {
        SimulatedDisk disk = new SimulatedDisk(1); // Whose first nonce is the salt of the vector.
        try (LogEngine engine = LogEngine.openInline(disk, DIRECTORY, SETTINGS, fault -> {})) {
            engine.create(REGION, 3, new byte[] {(byte) 0xAA, (byte) 0xBB}, 6, new HardState(5, null));
            GroupLog log = engine.find(REGION).orElseThrow();
            List<Entry> entries =
                    List.of(new Entry(5, Entry.DATA, new byte[] {'a'}), new Entry(5, (byte) 1, new byte[] {'b', 'c'}));
            log.append(6, entries, () -> {});
            log.saveHardState(new HardState(6, new ReplicaId(new StoreId(2), 4)));
            engine.destroy(new RegionId(8), 1, new Epoch(2, 3));
        }
        byte[] expected = specified();
        byte[] written = new byte[expected.length];
        try (DiskFile file = disk.open(DIRECTORY.resolve("0000000000000001.log"))) {
            file.read(ByteBuffer.wrap(written), 0);
        }
        HexFormat hex = HexFormat.ofDelimiter(" ");
        assertEquals(hex.formatHex(expected), hex.formatHex(written));
    }

    @Test
    void theBytesOfTheSpecificationAreRead() throws IOException {
        Files.write(temporary.resolve("0000000000000001.log"), specified());
        try (LogEngine engine = LogEngine.open(new RealDisk(), temporary, SETTINGS, fault -> {})) {
            Replica replica = engine.live().getFirst();
            assertEquals(REGION, replica.region());
            assertEquals(3, replica.incarnation());
            assertArrayEquals(new byte[] {(byte) 0xAA, (byte) 0xBB}, replica.initialState());
            GroupLog log = replica.log();
            assertEquals(6, log.firstIndex());
            assertArrayEquals(new byte[] {'a'}, log.read(6));
            assertArrayEquals(new byte[] {'b', 'c'}, log.read(7));
            assertEquals(5, log.termAt(7));
            assertArrayEquals(new long[] {7}, log.indexesOfType((byte) 1));
            assertEquals(new HardState(6, new ReplicaId(new StoreId(2), 4)), log.hardState());
            assertEquals(
                    new Tombstone(new RegionId(8), 1, new Epoch(2, 3)),
                    engine.tombstone(new RegionId(8)).orElseThrow());
        }
    }
}
