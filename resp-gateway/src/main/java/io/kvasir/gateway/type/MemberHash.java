package io.kvasir.gateway.type;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A keyed hash of 32 bits: the upper half of SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF")
 * under a seed of 64 bits, which makes the key's two halves {@code seed} and {@code seed ^ SEED_MASK}.
 *
 * <p>Who does not know the seed cannot choose members whose hashes cluster, which is what makes a draw by a random hash
 * fair. It is part of the stored format: another function would make stored members unreachable. Immutable; safe for
 * any thread.
 */
final class MemberHash {

    /** Distinguishes the halves of the key: the fraction of the golden ratio. */
    private static final long SEED_MASK = 0x9E3779B97F4A7C15L;

    private static final VarHandle LONG_LE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long seed;

    MemberHash(long seed) {
        this.seed = seed;
    }

    /** Returns the hash of {@code member}; all 32 bits are significant, read it as unsigned. */
    int of(byte[] member) {
        return (int) (sipHash(seed, seed ^ SEED_MASK, member) >>> Integer.SIZE);
    }

    /** Returns SipHash-1-3 of {@code bytes} under the key ({@code k0}, {@code k1}). */
    static long sipHash(long k0, long k1, byte[] bytes) {
        State state = new State(k0, k1);
        int at = 0;
        for (; at + Long.BYTES <= bytes.length; at += Long.BYTES) {
            state.absorb((long) LONG_LE.get(bytes, at));
        }
        long last = (long) bytes.length << 56;
        for (int i = 0; at < bytes.length; at++, i += Byte.SIZE) {
            last |= (bytes[at] & 0xFFL) << i;
        }
        state.absorb(last);
        return state.finish();
    }

    /** The four words of SipHash. */
    private static final class State {

        private long v0;
        private long v1;
        private long v2;
        private long v3;

        State(long k0, long k1) {
            v0 = k0 ^ 0x736f6d6570736575L;
            v1 = k1 ^ 0x646f72616e646f6dL;
            v2 = k0 ^ 0x6c7967656e657261L;
            v3 = k1 ^ 0x7465646279746573L;
        }

        void absorb(long word) {
            v3 ^= word;
            round();
            v0 ^= word;
        }

        long finish() {
            v2 ^= 0xFF;
            round();
            round();
            round();
            return v0 ^ v1 ^ v2 ^ v3;
        }

        private void round() {
            v0 += v1;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v3;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v2 = Long.rotateLeft(v2, 32);
        }
    }
}
