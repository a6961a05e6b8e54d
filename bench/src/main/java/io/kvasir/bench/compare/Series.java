package io.kvasir.bench.compare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The samples of one load on one target, one for each round.
 *
 * <p>Confined to the thread that made it.
 */
record Series(String target, Workload load, List<Sample> samples) {

    Series(String target, Workload load) {
        this(target, load, new ArrayList<>());
    }

    double median(ToDoubleFunction<Sample> field) {
        return median(samples.stream().mapToDouble(field).toArray());
    }

    double least(ToDoubleFunction<Sample> field) {
        return samples.stream().mapToDouble(field).min().orElseThrow();
    }

    double most(ToDoubleFunction<Sample> field) {
        return samples.stream().mapToDouble(field).max().orElseThrow();
    }

    /** Returns the median over the rounds of this target's speed divided by that of {@code other} in the same round. */
    double ratioTo(Series other) {
        double[] ratios = new double[samples.size()];
        for (int round = 0; round < ratios.length; round++) {
            ratios[round] =
                    samples.get(round).opsPerSecond() / other.samples.get(round).opsPerSecond();
        }
        return median(ratios);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
