package io.kvasir.proto.reply;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.wire.MalformedBytes;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReplyCodecTest {

    @Test
    void randomRepliesComeBackWithTheSameBytes() {
        RandomReply replies = new RandomReply(new Random(3));
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = ReplyCodec.encode(replies.next(4));
            assertArrayEquals(bytes, ReplyCodec.encode(ReplyCodec.decode(bytes)));
        }
    }

    @Test
    void valuesComeBack() {
        assertSame(Reply.OK, ReplyCodec.decode(ReplyCodec.encode(new Reply.Status("OK"))));
        assertEquals(new Reply.Int(Long.MIN_VALUE), roundTrip(new Reply.Int(Long.MIN_VALUE)));
        assertEquals(new Reply.Real(-0.0), roundTrip(new Reply.Real(-0.0)));
        assertEquals(Reply.NULL_ARRAY, roundTrip(Reply.NULL_ARRAY));
        assertEquals(new Reply.Error("ERR h\u00e9"), roundTrip(new Reply.Error("ERR h\u00e9")));
        Reply nested = new Reply.MapOf(List.of(Reply.ONE, new Reply.SetOf(List.of(new Reply.Bool(true), Reply.NULL))));
        assertEquals(nested, roundTrip(nested));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''               | cut short: 1 bytes wanted, 0 left (at byte 0)
            02 05            | a reply has format version 2, this program reads 1 to 1 (at byte 0)
            01               | cut short: 1 bytes wanted, 0 left (at byte 1)
            01 63            | no reply has tag 99 (at byte 1)
            01 05 05         | 1 bytes too many (at byte 2)
            01 04 02 41      | a length passes the end (at byte 2)
            01 04 ff ff ff ff 07       | a length passes the end (at byte 2)
            01 04 ff ff ff ff ff ff ff ff ff 01 | a length passes the end (at byte 2)
            01 03 ff ff ff ff ff ff ff ff ff 02 | a varint is too long (at byte 2)
            01 03 80 00      | a varint is too long (at byte 2)
            01 07 ff ff ff ff 07       | an element count says more elements than there are bytes (at byte 7)
            01 07 02 07 02 05 05       | an element count says more elements than there are bytes (at byte 5)
            01 08 01 05      | a map has a key without a value (at byte 2)
            01 01 02 c3 28   | text is not UTF-8 (at byte 3)
            01 0a 00         | cut short: 8 bytes wanted, 1 left (at byte 2)
            """)
    void malformedBytesAreNamedExactly(String hex, String message) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        assertEquals(
                message,
                assertThrows(MalformedBytes.class, () -> ReplyCodec.decode(bytes))
                        .getMessage());
    }

    @Test
    void noBytesBreakTheDecoder() {
        Random random = new Random(4);
        RandomReply replies = new RandomReply(random);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = ReplyCodec.encode(replies.next(3));
            for (int flip = random.nextInt(4); flip >= 0; flip--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            byte[] broken = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            try {
                ReplyCodec.decode(broken);
            } catch (MalformedBytes expected) {
                assertTrue(expected.offset() <= broken.length);
            }
        }
    }

    @Test
    void aReplyNestedTooDeepIsCutWithAnError() {
        Reply reply = Reply.ONE;
        for (int i = 0; i < ReplyCodec.DEPTH_MAX + 5_000; i++) {
            reply = new Reply.Array(List.of(reply));
        }
        Reply innermost = roundTrip(reply);
        for (int i = 0; i < ReplyCodec.DEPTH_MAX; i++) {
            innermost = ((Reply.Array) innermost).elements().getFirst();
        }
        assertEquals(ReplyCodec.TOO_DEEP, innermost);
    }

    @Test
    void bytesNestedTooDeepAreRejected() {
        byte[] bytes = new byte[1 + 2 * (ReplyCodec.DEPTH_MAX + 1) + 1];
        bytes[0] = 1;
        for (int i = 1; i < bytes.length - 1; i += 2) {
            bytes[i] = 7;
            bytes[i + 1] = 1;
        }
        bytes[bytes.length - 1] = 5;
        assertThrows(MalformedBytes.class, () -> ReplyCodec.decode(bytes));
    }

    private static Reply roundTrip(Reply reply) {
        return ReplyCodec.decode(ReplyCodec.encode(reply));
    }
}
