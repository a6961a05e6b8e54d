package io.kvasir.placement.sim;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * True time, chance, and what is due. Single-threaded: everything happens inside {@link #runFor}. A process that is
 * paused is skipped until it goes on; one that is in the middle of a task is paused by running the others meanwhile.
 */
public final class World {

    static final long MILLI = 1_000_000;

    private record Event(
            long atNanos, long sequence, @Nullable Process process, int life, Runnable task) {}

    final SplittableRandom random;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::sequence));
    private long sequence;
    private long nowNanos;

    /** Makes a world in which everything follows from {@code seed}. */
    public World(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Returns true time, in ns. */
    public long nowNanos() {
        return nowNanos;
    }

    /** Returns a number from {@code from} to {@code to}, both in ms, as ns. */
    long millisBetween(double from, double to) {
        return (long) (random.nextDouble(from, to) * MILLI);
    }

    /** Returns true once in {@code n} times. */
    public boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    /** Runs {@code task} at a true instant, whatever becomes of any process. */
    public void after(long delayNanos, Runnable task) {
        events.add(new Event(nowNanos + delayNanos, sequence++, null, 0, task));
    }

    /** Runs {@code task} in this life of {@code process}, unless it crashes before. */
    void at(Process process, long atNanos, Runnable task) {
        events.add(new Event(Math.max(nowNanos, atNanos), sequence++, process, process.life(), task));
    }

    /** Lets {@code nanos} pass. */
    public void runFor(long nanos) {
        long until = nowNanos + nanos;
        while (!events.isEmpty() && events.peek().atNanos() <= until) {
            Event event = events.remove();
            nowNanos = Math.max(nowNanos, event.atNanos());
            Process process = event.process();
            if (process == null) {
                event.task().run();
            } else if (process.life() == event.life()) {
                if (process.pausedUntilNanos() > nowNanos) {
                    events.add(new Event(
                            process.pausedUntilNanos(), event.sequence(), process, event.life(), event.task()));
                } else {
                    event.task().run();
                }
            }
        }
        nowNanos = Math.max(nowNanos, until);
    }
}
