package io.kvasir.gateway.hyperloglog;

/**
 * The number of elements that registers tell of (Ertl, "New cardinality estimation algorithms for HyperLogLog
 * sketches", arXiv 1702.01284, algorithm 6), in the order of operations in which Redis computes it, so that every
 * number is the same. Stateless.
 */
final class Estimate {

    /** Values that a register can have. */
    static final int VALUES = DenseRegisters.VALUE_MAX + 1;

    /** Bits of the hash that count zeros. */
    private static final int ZERO_BITS = 50;

    private static final double ALPHA_INFINITE = 0.7213475204444817;

    private static final double LIMIT = 0x1p63;

    private Estimate() {}

    /**
     * Returns the number of elements.
     *
     * @param histogram how many registers have each value, {@link #VALUES} of them
     */
    static long of(int[] histogram) {
        double m = DenseRegisters.COUNT;
        double z = m * tau((m - histogram[ZERO_BITS + 1]) / m);
        for (int value = ZERO_BITS; value >= 1; value--) {
            z += histogram[value];
            z *= 0.5;
        }
        z += m * sigma(histogram[0] / m);
        double estimate = ALPHA_INFINITE * m * m / z;
        // What C's llroundl answers where the number does not fit; registers that no elements make can lead there.
        return estimate >= LIMIT ? Long.MIN_VALUE : Math.round(estimate);
    }

    private static double sigma(double start) {
        if (start == 1.0) {
            return Double.POSITIVE_INFINITY;
        }
        double x = start;
        double y = 1;
        double z = x;
        double before;
        do {
            x *= x;
            before = z;
            z += x * y;
            y += y;
        } while (before != z);
        return z;
    }

    private static double tau(double start) {
        if (start == 0.0 || start == 1.0) {
            return 0.0;
        }
        double x = start;
        double y = 1.0;
        double z = 1 - x;
        double before;
        do {
            x = Math.sqrt(x);
            before = z;
            y *= 0.5;
            z -= (1 - x) * (1 - x) * y;
        } while (before != z);
        return z / 3;
    }
}
