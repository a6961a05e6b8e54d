package io.kvasir.proto.key;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/**
 * Public test vectors of XXH32 with seed 0, and two computed by a second program for lengths around its stripe of 16.
 */
final class KeyHashTest {

    @Test
    void textHasItsPublishedHash() {
        assertEquals(0x02CC5D05, hash(""));
        assertEquals(0x550D7456, hash("a"));
        assertEquals(0x32D153FF, hash("abc"));
        assertEquals(0xE2293B2F, hash("Nobody inspects the spammish repetition"));
    }

    @Test
    void stripesAndTailsAreMixed() {
        assertEquals(0xB72837F4, KeyHash.of(counting(16)));
        assertEquals(0x1A20E95B, KeyHash.of(counting(101)));
    }

    private static int hash(String text) {
        return KeyHash.of(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] counting(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }
}
