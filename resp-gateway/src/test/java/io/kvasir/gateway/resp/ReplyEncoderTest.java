package io.kvasir.gateway.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.reply.Reply;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReplyEncoderTest {

    @Test
    void writesEveryKindOfReplyInBothProtocols() {
        check(Reply.OK, "+OK\r\n", "+OK\r\n");
        check(new Reply.Status("PONG"), "+PONG\r\n", "+PONG\r\n");
        check(Reply.error("ERR no"), "-ERR no\r\n", "-ERR no\r\n");
        check(Reply.NULL, "$-1\r\n", "_\r\n");
        check(Reply.NULL_ARRAY, "*-1\r\n", "_\r\n");
        check(Reply.bulk(""), "$0\r\n\r\n", "$0\r\n\r\n");
        check(Reply.bulk("a\r\nb"), "$4\r\na\r\nb\r\n", "$4\r\na\r\nb\r\n");
        check(Reply.EMPTY_ARRAY, "*0\r\n", "*0\r\n");
        check(new Reply.Real(1.5), "$3\r\n1.5\r\n", ",1.5\r\n");
        check(new Reply.Bool(true), ":1\r\n", "#t\r\n");
        check(new Reply.Bool(false), ":0\r\n", "#f\r\n");
        check(new Reply.BigNumber("123"), "$3\r\n123\r\n", "(123\r\n");
        check(new Reply.Verbatim("txt", "hi".getBytes(StandardCharsets.UTF_8)), "$2\r\nhi\r\n", "=6\r\ntxt:hi\r\n");
        List<Reply> pair = List.of(Reply.bulk("a"), Reply.ONE);
        check(new Reply.MapOf(pair), "*2\r\n$1\r\na\r\n:1\r\n", "%1\r\n$1\r\na\r\n:1\r\n");
        check(new Reply.SetOf(pair), "*2\r\n$1\r\na\r\n:1\r\n", "~2\r\n$1\r\na\r\n:1\r\n");
        check(new Reply.Push(pair), "*2\r\n$1\r\na\r\n:1\r\n", ">2\r\n$1\r\na\r\n:1\r\n");
        check(Reply.array(pair), "*2\r\n$1\r\na\r\n:1\r\n", "*2\r\n$1\r\na\r\n:1\r\n");
    }

    @Test
    void writesIntegersOfEveryLength() {
        for (long value : new long[] {0, 1, 1023, 1024, -1, -1000, Long.MAX_VALUE, Long.MIN_VALUE}) {
            check(new Reply.Int(value), ":" + value + "\r\n", ":" + value + "\r\n");
        }
    }

    @Test
    void anErrorMayQuoteAnyByte() {
        assertEquals("-ERR \u00ff\r\n", encode(Reply.error("ERR \u00ff"), false));
    }

    @Test
    void printsDoublesAsRedisDoes() {
        assertEquals("0.1", RealText.of(0.1));
        assertEquals("3", RealText.of(3.0));
        assertEquals("-0", RealText.of(-0.0));
        assertEquals("inf", RealText.of(Double.POSITIVE_INFINITY));
        assertEquals("-inf", RealText.of(Double.NEGATIVE_INFINITY));
        assertEquals("nan", RealText.of(Double.NaN));
        assertEquals("100000000000000000", RealText.of(1e17));
        assertEquals("1e+21", RealText.of(1e21));
        assertEquals("-1.5e+300", RealText.of(-1.5e300));
        assertEquals("1e-7", RealText.of(1e-7));
        assertEquals("0.000001", RealText.of(1e-6));
        assertEquals("1.234e-9", RealText.of(1.234e-9));
        assertEquals("3.141592653589793", RealText.of(Math.PI));
        assertEquals("12345678.9", RealText.of(12345678.9));
    }

    @Test
    void theSizeOfAReplyCoversItsBytes() {
        Reply reply = Reply.array(List.of(Reply.bulk("x".repeat(500)), Reply.OK, new Reply.Int(7)));
        assertTrue(ReplyEncoder.size(reply) >= encode(reply, true).length());
    }

    private static void check(Reply reply, String resp2, String resp3) {
        assertEquals(resp2, encode(reply, false));
        assertEquals(resp3, encode(reply, true));
    }

    private static String encode(Reply reply, boolean resp3) {
        ByteBuf out = Unpooled.buffer();
        ReplyEncoder.encode(reply, resp3, out);
        return out.toString(StandardCharsets.ISO_8859_1);
    }
}
