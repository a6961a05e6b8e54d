package io.kvasir.gateway.hyperloglog;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * What PFSELFTEST does: registers keep what they are set to, both forms count the same, and the error is within six
 * times the expected one. A smaller number of rounds than Redis', so that it takes some ten milliseconds. Stateless.
 */
public final class SelfTest {

    private static final int REGISTER_ROUNDS = 20;
    private static final int ELEMENTS = 100_000;
    private static final double ERRORS_MAX = 6;
    private static final double RELATIVE_ERROR = 1.04 / Math.sqrt(DenseRegisters.COUNT);

    private SelfTest() {}

    /** Runs the test with random values from {@code seed}; returns what is wrong, if anything is. */
    public static Optional<String> run(long seed, long sparseBytesMax) {
        SplittableRandom random = new SplittableRandom(seed);
        return registers(random).or(() -> estimates(random, sparseBytesMax));
    }

    private static Optional<String> registers(SplittableRandom random) {
        byte[] dense = new byte[DenseRegisters.LENGTH];
        byte[] plain = new byte[DenseRegisters.COUNT];
        for (int round = 0; round < REGISTER_ROUNDS; round++) {
            for (int register = 0; register < plain.length; register++) {
                plain[register] = (byte) random.nextInt(DenseRegisters.VALUE_MAX + 1);
                DenseRegisters.set(dense, register, plain[register]);
            }
            for (int register = 0; register < plain.length; register++) {
                int value = DenseRegisters.get(dense, register);
                if (value != plain[register]) {
                    return Optional.of("Register " + register + " should be " + plain[register] + " but is " + value);
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> estimates(SplittableRandom random, long sparseBytesMax) {
        HyperLogLog dense = HyperLogLog.empty(0);
        HyperLogLog sparse = HyperLogLog.empty(sparseBytesMax);
        long mask = random.nextLong();
        int checkpoint = 1;
        try {
            dense.makeDense();
            for (int i = 1; i <= ELEMENTS; i++) {
                byte[] element =
                        ByteBuffer.allocate(Long.BYTES).putLong(i ^ mask).array();
                dense.add(element);
                sparse.add(element);
                if (i == checkpoint) {
                    dense.outdate();
                    sparse.outdate();
                    long counted = dense.count();
                    if (counted != sparse.count()) {
                        return Optional.of("dense/sparse disagree");
                    }
                    long error = Math.abs(counted - i);
                    if (error > (i == 10 ? 1 : Math.ceil(RELATIVE_ERROR * ERRORS_MAX * i))) {
                        return Optional.of("Too big error. card:" + i + " abserr:" + error);
                    }
                    checkpoint *= 10;
                }
            }
        } catch (HyperLogLog.Corrupt corrupt) {
            return Optional.of(String.valueOf(corrupt.getMessage()));
        }
        return Optional.empty();
    }
}
