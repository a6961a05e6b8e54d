package io.kvasir.gateway.type;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kvasir.gateway.command.CommandError;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ListPackTest {

    private final MapTransaction transaction = new MapTransaction(3);

    @Test
    void anElementTakesWhatItTakesInAListpackOfRedis() {
        assertEquals(2, bytesOf("0"));
        assertEquals(2, bytesOf("127"));
        assertEquals(3, bytesOf("128"));
        assertEquals(3, bytesOf("-1"));
        assertEquals(3, bytesOf("4095"));
        assertEquals(3, bytesOf("-4096"));
        assertEquals(4, bytesOf("4096"));
        assertEquals(4, bytesOf("-32768"));
        assertEquals(5, bytesOf("32768"));
        assertEquals(5, bytesOf("8388607"));
        assertEquals(6, bytesOf("-8388609"));
        assertEquals(6, bytesOf("-2147483648"));
        assertEquals(10, bytesOf("2147483648"));
        assertEquals(10, bytesOf("-9223372036854775808"));
        assertEquals(21, bytesOf("9223372036854775808"), "no number of 64 bits: a string of 19");
        assertEquals(4, bytesOf("01"), "not a number in its one form");
        assertEquals(2, bytesOf(""));
        assertEquals(63 + 1 + 1, bytesOf("x".repeat(63)));
        assertEquals(64 + 2 + 1, bytesOf("x".repeat(64)));
        assertEquals(126 + 2 + 2, bytesOf("x".repeat(126)), "a length of 128 takes two bytes");
        assertEquals(4_096 + 5 + 2, bytesOf("x".repeat(4_096)));
    }

    @Test
    void aLimitIsANumberOfElementsOrALevelOfBytes() throws CommandError {
        assertEquals(List.of("listpack", "quicklist", "quicklist", "listpack"), encodings(4, "a"));
        assertEquals(List.of("listpack", "quicklist", "quicklist", "listpack"), encodings(4, "x".repeat(1_000)));
        assertEquals(List.of("listpack", "listpack", "listpack", "listpack"), encodings(-1, "x".repeat(800)));
        assertEquals(List.of("listpack", "quicklist", "quicklist", "listpack"), encodings(-1, "x".repeat(900)));
        assertEquals(List.of("quicklist", "quicklist", "quicklist", "quicklist"), encodings(5, "x".repeat(8_190)));
    }

    /** Returns the encodings of a list with four of {@code element}, then five, then three, then two. */
    private List<String> encodings(int limit, String element) throws CommandError {
        byte[] bytes = element.getBytes(StandardCharsets.ISO_8859_1);
        ListValue list = ListValue.open(
                Keyspace.of(transaction, 0, new Thresholds(512, 64, 512, 128, 64, 128, 64, 3_000, limit, 4_096, 100)),
                new byte[] {'l'});
        list.push(true, bytes, bytes, bytes, bytes);
        String four = list.encoding();
        list.push(false, bytes);
        String five = list.encoding();
        list.pop(true, 2);
        String three = list.encoding();
        list.pop(true, 1);
        return List.of(four, five, three, list.encoding());
    }

    private static long bytesOf(String element) {
        byte[] bytes = element.getBytes(StandardCharsets.ISO_8859_1);
        return ListPack.entryBytes(bytes, 0, bytes.length);
    }
}
