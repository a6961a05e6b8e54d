package io.kvasir.gateway.fuzz;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** All random choices of one script, from one seed. Confined to the thread that writes the script. */
public final class Chance {

    private final RandomGenerator random;
    private final Set<Integer> drawn = new HashSet<>();

    public Chance(long seed) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    /** Returns a number from 0 to {@code bound - 1}. */
    public int below(int bound) {
        return random.nextInt(bound);
    }

    /** Returns a number from {@code low} to {@code high}, both inclusive. */
    public int between(int low, int high) {
        return random.nextInt(low, high + 1);
    }

    /** Returns true once in {@code times} draws. */
    public boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    public <T> T of(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    /**
     * Returns a number from 0 to {@code bound - 1} that this method has not returned before, as long as there is one:
     * so that two deadlines of one script are never nearly equal.
     */
    public int fresh(int bound) {
        int number = random.nextInt(bound);
        for (int tries = 0; tries < bound && !drawn.add(number); tries++) {
            number = (number + 1) % bound;
        }
        return number;
    }

    public byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
