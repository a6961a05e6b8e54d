package io.kvasir.region.retry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Slot;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.RequestId;
import io.kvasir.proto.wire.MalformedBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class RequestRecordTest {

    private static final Path DOCUMENT = Path.of("..", "docs", "keyspace.md");
    private static final Pattern VECTOR = Pattern.compile("(?m)^(once\\.[a-z0-9-]+): ([0-9a-f ]+)$");
    private static final RequestId ID = new RequestId(1, 2, 3);
    private static final byte[] FOO = "foo".getBytes(StandardCharsets.US_ASCII);
    private static final long NOW = 1_700_000_000_000L;

    @Test
    void theDocumentIsTrue() throws IOException {
        Map<String, String> made = new TreeMap<>();
        made.put("once.key", hex(RequestRecord.key(ID, List.of(FOO))));
        made.put("once.kept", hex(RequestRecord.of(3, NOW, Reply.OK).encode()));
        made.put("once.large", hex(RequestRecord.of(3, NOW, largest(1)).encode()));
        Map<String, String> written = new TreeMap<>();
        Matcher vectors = VECTOR.matcher(Files.readString(DOCUMENT));
        while (vectors.find()) {
            written.put(vectors.group(1), vectors.group(2).replace(" ", ""));
        }
        assertEquals(made, written);
    }

    @Test
    void aRecordIsInTheSlotOfTheFirstKeyOrOfTheIdIfThereIsNone() {
        assertEquals(Slot.of(FOO), KeyLayout.slotOf(RequestRecord.key(ID, List.of(FOO, new byte[] {1}))));
        byte[] alone = RequestRecord.key(ID, List.of());
        assertEquals(Slot.of(KeyLayout.userKeyOf(alone)), KeyLayout.slotOf(alone));
    }

    @Test
    void aReplyOfOneKibibyteIsKeptAndALargerOneIsNot() {
        Reply kept = largest(0);
        assertEquals(kept, RequestRecord.of(3, NOW, kept).kept());
        RequestRecord large = RequestRecord.of(3, NOW, largest(1));
        assertEquals(
                Reply.error("APPLIED the command of this request id has taken effect; its reply of 1025 bytes was too"
                        + " large to be kept"),
                large.reply());
    }

    @Test
    void aRecordIsReadBackAndACutOneRefused() {
        for (RequestRecord record : List.of(RequestRecord.of(-3, NOW, Reply.OK), RequestRecord.of(3, 0, largest(1)))) {
            byte[] bytes = record.encode();
            assertArrayEquals(bytes, RequestRecord.decode(bytes).encode());
            for (int length = 0; length < bytes.length; length++) {
                byte[] cut = Arrays.copyOf(bytes, length);
                assertThrows(MalformedBytes.class, () -> RequestRecord.decode(cut));
            }
        }
    }

    /** A reply that encodes as {@code more} bytes more than are kept: format, tag, a length of two bytes, the rest. */
    private static Reply largest(int more) {
        return new Reply.Status("x".repeat(RequestRecord.REPLY_BYTES_MAX - 4 + more));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
