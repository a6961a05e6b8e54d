package io.kvasir.gateway.resp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RequestDecoderTest {

    private static final String P = "ERR Protocol error: ";

    @Test
    void readsBothFormsOfRequest() {
        assertEquals(List.of("[PING]"), decodeAll("PING\r\n"));
        assertEquals(List.of("[ping]"), decodeAll("ping\n"));
        assertEquals(List.of("[PING, hi]"), decodeAll("  PING   hi \r\n"));
        assertEquals(List.of("[SET, k, ]"), decodeAll("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n"));
        assertEquals(List.of("[PING]"), decodeAll("*0\r\n*-1\r\n\r\n\r\nPING\r\n"));
        assertEquals(List.of("[ECHO, a'b]"), decodeAll("ECHO 'a\\'b'\r\n"));
        assertEquals(List.of("[PING, A\nq]"), decodeAll("PING \"\\x41\\n\\q\"\r\n"));
        assertEquals(List.of("[ECHO, ab\"c]"), decodeAll("ECHO ab\"\\\"c\"\r\n"));
        assertEquals(List.of("[ECHO, a]", "[PING]"), decodeAll("*2\r\n$4\r\nECHO\r\n$1\r\nabcPING\r\n"));
    }

    @Test
    void namesEveryProtocolErrorAsRedisDoes() {
        assertEquals(List.of(P + "invalid multibulk length"), decodeAll("*2147483648\r\n"));
        assertEquals(List.of(P + "invalid multibulk length"), decodeAll("*1048577\r\n"));
        assertEquals(List.of(P + "invalid multibulk length"), decodeAll("*abc\r\n"));
        assertEquals(List.of(P + "invalid multibulk length"), decodeAll("*\r\n"));
        assertEquals(List.of(P + "invalid multibulk length"), decodeAll("*3\n$3\r\nfoo\r\n"));
        assertEquals(List.of(P + "expected '$', got 'x'"), decodeAll("*1\r\nx\r\n"));
        assertEquals(List.of(P + "expected '$', got ' '"), decodeAll("*1\r\n\r\n"));
        assertEquals(List.of(P + "expected '$', got '\u0001'"), decodeAll("*1\r\n\u0001\r\n"));
        assertEquals(List.of(P + "invalid bulk length"), decodeAll("*1\r\n$-1\r\n"));
        assertEquals(List.of(P + "invalid bulk length"), decodeAll("*1\r\n$a\r\n"));
        assertEquals(List.of(P + "invalid bulk length"), decodeAll("*1\r\n$04\r\nPING\r\n"));
        assertEquals(List.of(P + "invalid bulk length"), decodeAll("*1\r\n$536870913\r\n"));
        assertEquals(List.of(P + "unbalanced quotes in request"), decodeAll("PING \"abc\r\n"));
        assertEquals(List.of(P + "unbalanced quotes in request"), decodeAll("PING 'abc\r\n"));
        assertEquals(List.of(P + "unbalanced quotes in request"), decodeAll("PING \"a\"b\r\n"));
        assertEquals(List.of(P + "too big inline request"), decodeAll("x".repeat(70_000)));
        assertEquals(List.of(P + "too big mbulk count string"), decodeAll("*" + "1".repeat(70_000)));
        assertEquals(List.of(P + "too big bulk count string"), decodeAll("*1\r\n$" + "1".repeat(70_000)));
        assertEquals(List.of("[PING]", P + "expected '$', got 'x'"), decodeAll("PING\r\n*1\r\nx\r\nPING\r\n"));
    }

    @Test
    void readsOnlySmallRequestsBeforeAuthentication() {
        RequestDecoder decoder = new RequestDecoder();
        decoder.authenticated(false);
        feed(decoder, "*11\r\n".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(RequestDecoder.Step.FAULT, decoder.next());
        assertEquals(P + "unauthenticated multibulk length", decoder.fault());
        decoder = new RequestDecoder();
        decoder.authenticated(false);
        feed(decoder, "*1\r\n$16385\r\n".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(RequestDecoder.Step.FAULT, decoder.next());
        assertEquals(P + "unauthenticated bulk length", decoder.fault());
    }

    @Test
    void refusesArgumentsThatAreLongerThanTheirLimits() {
        RequestDecoder decoder = new RequestDecoder();
        decoder.limits(10, 15);
        feed(decoder, "*3\r\n$11\r\n".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(RequestDecoder.Step.FAULT, decoder.next());
        assertEquals(P + "invalid bulk length", decoder.fault());
        decoder = new RequestDecoder();
        decoder.limits(10, 15);
        feed(decoder, "*2\r\n$10\r\n0123456789\r\n$10\r\n".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(RequestDecoder.Step.FAULT, decoder.next());
        assertEquals("", decoder.fault());
    }

    @Test
    void announcedLengthsTakeNoMemoryBeforeTheirBytesCome() {
        RequestDecoder decoder = new RequestDecoder();
        feed(decoder, "*1048576\r\n$536870912\r\nabc".getBytes(StandardCharsets.ISO_8859_1));
        long before = allocated();
        assertEquals(RequestDecoder.Step.MORE, decoder.next());
        assertTrue(allocated() - before < 1 << 20, "allocated " + (allocated() - before));
    }

    @Test
    void howBytesAreCutMakesNoDifference() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            byte[] stream = randomStream(random);
            List<String> whole = decode(stream, new Random(seed), Integer.MAX_VALUE);
            assertEquals(whole, decode(stream, new Random(seed + 1), 1 + random.nextInt(7)), "seed " + seed);
            assertEquals(whole, decode(stream, new Random(seed + 2), 1 + random.nextInt(40_000)), "seed " + seed);
        }
    }

    @Test
    void randomBytesNeverDoWorseThanAFault() {
        for (int seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            byte[] stream = new byte[random.nextInt(200)];
            for (int i = 0; i < stream.length; i++) {
                stream[i] = (byte) "*$\r\n0123-\"'\\x ab\0".charAt(random.nextInt(17));
            }
            assertEquals(
                    decode(stream, random, Integer.MAX_VALUE), decode(stream, new Random(seed), 3), "seed " + seed);
        }
    }

    private static byte[] randomStream(Random random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int requests = 1 + random.nextInt(20);
        for (int i = 0; i < requests; i++) {
            int words = 1 + random.nextInt(6);
            if (random.nextInt(4) == 0) {
                out.writeBytes("word \"two\\n\" 'three' ".repeat(words).getBytes(StandardCharsets.ISO_8859_1));
                out.writeBytes("\r\n".getBytes(StandardCharsets.ISO_8859_1));
                continue;
            }
            out.writeBytes(("*" + words + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            for (int word = 0; word < words; word++) {
                byte[] bytes = new byte[random.nextInt(10) == 0 ? random.nextInt(150_000) : random.nextInt(60)];
                random.nextBytes(bytes);
                out.writeBytes(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
                out.writeBytes(bytes);
                out.writeBytes("\r\n".getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        if (random.nextInt(3) == 0) {
            out.writeBytes("*2\r\n$4\r\nECHO\r\n!".getBytes(StandardCharsets.ISO_8859_1));
        }
        return out.toByteArray();
    }

    private static List<String> decodeAll(String text) {
        return decode(text.getBytes(StandardCharsets.ISO_8859_1), new Random(0), Integer.MAX_VALUE);
    }

    private static List<String> decode(byte[] stream, Random random, int chunkMax) {
        RequestDecoder decoder = new RequestDecoder();
        List<String> found = new ArrayList<>();
        int at = 0;
        while (at < stream.length) {
            int length = Math.min(
                    stream.length - at, chunkMax == Integer.MAX_VALUE ? chunkMax : 1 + random.nextInt(chunkMax));
            byte[] lent = Arrays.copyOfRange(stream, at, at + length);
            decoder.feed(lent, 0, length);
            at += length;
            RequestDecoder.Step step = decoder.next();
            while (step == RequestDecoder.Step.REQUEST) {
                List<String> words = new ArrayList<>();
                for (byte[] word : decoder.words()) {
                    words.add(new String(word, StandardCharsets.ISO_8859_1));
                }
                found.add(words.toString());
                step = decoder.next();
            }
            decoder.release();
            Arrays.fill(lent, (byte) '?');
            if (step == RequestDecoder.Step.FAULT) {
                found.add(decoder.fault());
                break;
            }
        }
        return found;
    }

    private static void feed(RequestDecoder decoder, byte[] bytes) {
        decoder.feed(bytes, 0, bytes.length);
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }
}
