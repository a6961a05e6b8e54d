package io.kvasir.tools.kill;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The chance of a test: {@code -Dkvasir.kill.seed} or one drawn, printed with every failure. Real processes do not
 * replay it exactly; it repeats which faults come when.
 *
 * @param value decides every fault
 * @param rounds how many faults there are: {@code -Dkvasir.kill.rounds} or what the test thinks enough
 */
record Seed(long value, int rounds) {

    private static final int ROUNDS_OF_A_SHORT_RUN = 10;

    static Seed of(int roundsByDefault) {
        long seed = Long.getLong("kvasir.kill.seed", System.nanoTime() & 0xffff_ffffL);
        return new Seed(seed, Integer.getInteger("kvasir.kill.rounds", roundsByDefault));
    }

    /** Returns a seed for one fault, however many were asked for. */
    static Seed once() {
        return new Seed(of(1).value, 1);
    }

    /** Returns how long a fault may last at most: a long run has more faults, not longer ones. */
    int pauseMillisMax() {
        return rounds <= ROUNDS_OF_A_SHORT_RUN ? 1_500 : 500;
    }

    RandomGenerator random() {
        return new SplittableRandom(value);
    }

    @Override
    public String toString() {
        return "-Dkvasir.kill.seed=" + value + " -Dkvasir.kill.rounds=" + rounds;
    }
}
