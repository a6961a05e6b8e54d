package io.kvasir.txn.simulation;

import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.range.Owner;
import io.kvasir.region.range.ReadPool;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.Timer;
import io.kvasir.region.time.TimestampSource;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * The event queue: virtual time, and the one source of chance. Everything runs in the thread that calls {@link #run}.
 */
final class Simulation implements Ticker, Timer {

    private record Event(long atNanos, long order, Runnable task) implements Comparable<Event> {

        @Override
        public int compareTo(Event other) {
            return atNanos != other.atNanos ? Long.compare(atNanos, other.atNanos) : Long.compare(order, other.order);
        }
    }

    final SplittableRandom random;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long nowNanos;
    private long order;

    Simulation(long seed) {
        random = new SplittableRandom(seed);
    }

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    /** Runs {@code task} {@code nanos} from now, after what was put at that instant before. */
    void at(long nanos, Runnable task) {
        events.add(new Event(nowNanos + nanos, order++, task));
    }

    @Override
    public void after(long millis, Runnable task) {
        at(TimeUnit.MILLISECONDS.toNanos(millis) + random.nextLong(1_000), task);
    }

    /** Returns a delay of a message or a disk: mostly short, at times long, in nanoseconds. */
    long delay() {
        long micros = random.nextInt(10) == 0 ? random.nextLong(200, 20_000) : random.nextLong(10, 300);
        return TimeUnit.MICROSECONDS.toNanos(micros);
    }

    boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }

    /** Runs events until {@code nanos} have passed or none is left. */
    void run(long nanos) {
        long end = nowNanos + nanos;
        while (!events.isEmpty() && events.peek().atNanos <= end) {
            Event next = events.poll();
            nowNanos = next.atNanos;
            next.task.run();
        }
        nowNanos = end;
    }

    /** Returns an owner whose tasks are events: in order, a little later. */
    Owner owner() {
        return new Owner() {
            private long lastAt;

            @Override
            public void execute(Runnable task) {
                lastAt = Math.max(lastAt, nowNanos + random.nextLong(20_000));
                at(lastAt - nowNanos, task);
            }

            @Override
            public boolean isCurrent() {
                return true;
            }
        };
    }

    ReadPool readPool() {
        return (read, whenDone) -> {
            at(delay(), () -> {
                try {
                    read.run();
                } catch (RuntimeException abandoned) {
                    // what a read ahead finds does not matter
                } finally {
                    whenDone.run();
                }
            });
            return true;
        };
    }

    /** An oracle some network away, which at times does not answer. */
    static final class Oracle implements TimestampSource {

        private final Simulation simulation;
        private long newest = Timestamp.of(1_000_000, 0);

        /** Timestamps that gateways asked for: each attempt of a transaction takes one. */
        long askedByGateways;

        Oracle(Simulation simulation) {
            this.simulation = simulation;
        }

        @Override
        public void fetch(LongConsumer whenDone) {
            if (simulation.chance(3)) {
                whenDone.accept(issue());
                return;
            }
            simulation.at(simulation.delay(), () -> {
                long timestamp = simulation.chance(200) ? UNAVAILABLE : issue();
                simulation.at(simulation.delay(), () -> whenDone.accept(timestamp));
            });
        }

        /** Returns the same source for a gateway, whose questions are counted. */
        TimestampSource ofGateway() {
            return new TimestampSource() {
                @Override
                public void fetch(LongConsumer whenDone) {
                    askedByGateways++;
                    Oracle.this.fetch(whenDone);
                }

                @Override
                public long newestIssued() {
                    return newest;
                }

                @Override
                public long bound() {
                    return 0;
                }
            };
        }

        private long issue() {
            long physical = Timestamp.of(1_000_000 + TimeUnit.NANOSECONDS.toMillis(simulation.nowNanos), 0);
            newest = Math.max(newest + 1, physical);
            return newest;
        }

        @Override
        public long newestIssued() {
            return newest;
        }

        @Override
        public long bound() {
            return 0;
        }
    }
}
