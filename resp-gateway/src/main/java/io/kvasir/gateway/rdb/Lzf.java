package io.kvasir.gateway.rdb;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * LibLZF's format, in which RDB keeps strings that shrink by it. A control byte below 32 is followed by that many
 * literal bytes and one more; another one refers back: its upper 3 bits are the length less 2, or 7 and a byte more
 * follows, the rest with a byte behind it the distance less 1. Stateless.
 */
final class Lzf {

    /** Bytes that one byte of input can become at most, rounded up: 3 bytes refer to up to 264. */
    static final int EXPANSION_MAX = 88;

    private static final int LITERALS_MAX = 32;
    private static final int DISTANCE_MAX = 1 << 13;
    private static final int MATCH_MIN = 3;
    private static final int MATCH_MAX = 264;
    private static final int HASH_BITS = 14;

    private Lzf() {}

    /** Returns {@code bytes} in fewer bytes, at least 4 fewer; null if there is no such form. */
    static byte @Nullable [] compress(byte[] bytes) {
        int most = bytes.length - 4;
        if (most < MATCH_MIN) {
            return null;
        }
        Output out = new Output(most);
        int[] seen = new int[1 << HASH_BITS]; // index in bytes plus 1, 0 for none
        int literal = 0;
        int at = 0;
        while (at + MATCH_MIN <= bytes.length) {
            int hash = hash(bytes, at);
            int candidate = seen[hash] - 1;
            seen[hash] = at + 1;
            int length = candidate < 0 || at - candidate > DISTANCE_MAX ? 0 : matched(bytes, candidate, at);
            if (length < MATCH_MIN) {
                at++;
                continue;
            }
            if (!out.literals(bytes, literal, at) || !out.reference(at - candidate, length)) {
                return null;
            }
            at += length;
            literal = at;
        }
        return out.literals(bytes, literal, bytes.length) ? out.toBytes() : null;
    }

    /** Returns the {@code length} bytes that {@code packed} is the short form of, null if it is not. */
    static byte @Nullable [] decompress(byte[] packed, int length) {
        byte[] bytes = new byte[length];
        int in = 0;
        int out = 0;
        while (in < packed.length) {
            int control = packed[in++] & 0xFF;
            if (control < LITERALS_MAX) {
                int count = control + 1;
                if (count > packed.length - in || count > length - out) {
                    return null;
                }
                System.arraycopy(packed, in, bytes, out, count);
                in += count;
                out += count;
                continue;
            }
            int count = (control >>> 5) + 2;
            if (packed.length - in < (count == 9 ? 2 : 1)) {
                return null;
            }
            if (count == 9) {
                count += packed[in++] & 0xFF;
            }
            int from = out - ((control & 0x1F) << 8 | packed[in++] & 0xFF) - 1;
            if (from < 0 || count > length - out) {
                return null;
            }
            for (int i = 0; i < count; i++) {
                bytes[out++] = bytes[from + i];
            }
        }
        return out == length ? bytes : null;
    }

    private static int hash(byte[] bytes, int at) {
        int three = (bytes[at] & 0xFF) << 16 | (bytes[at + 1] & 0xFF) << 8 | bytes[at + 2] & 0xFF;
        return three * 0x9E3779B1 >>> Integer.SIZE - HASH_BITS;
    }

    private static int matched(byte[] bytes, int from, int at) {
        int most = Math.min(MATCH_MAX, bytes.length - at);
        int length = 0;
        while (length < most && bytes[from + length] == bytes[at + length]) {
            length++;
        }
        return length;
    }

    /** Bytes up to a bound; what does not fit is told, not written. Confined to one call. */
    private static final class Output {

        private final byte[] bytes;
        private int at;

        Output(int most) {
            bytes = new byte[most];
        }

        boolean literals(byte[] source, int from, int to) {
            for (int next = from; next < to; ) {
                int count = Math.min(LITERALS_MAX, to - next);
                if (bytes.length - at < count + 1) {
                    return false;
                }
                bytes[at++] = (byte) (count - 1);
                System.arraycopy(source, next, bytes, at, count);
                at += count;
                next += count;
            }
            return true;
        }

        boolean reference(int distance, int length) {
            if (bytes.length - at < 3) {
                return false;
            }
            int back = distance - 1;
            int code = length - 2;
            bytes[at++] = (byte) (Math.min(code, 7) << 5 | back >>> 8);
            if (code >= 7) {
                bytes[at++] = (byte) (code - 7);
            }
            bytes[at++] = (byte) back;
            return true;
        }

        byte[] toBytes() {
            return Arrays.copyOf(bytes, at);
        }
    }
}
