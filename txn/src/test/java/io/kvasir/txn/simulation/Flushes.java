package io.kvasir.txn.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.range.Range;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The same value is written to keys of database 0 in several ranges and to a mark in database 1, and database 0 is
 * flushed: nobody ever sees some of the keys, or a key and another mark; nobody sees what was there before a flush that
 * is over; and what was written after a flush is there until the next (rule K19).
 */
final class Flushes {

    private static final long RUN_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long UNSURE_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final int REGIONS = 3;
    private static final int KEYS = 4;
    private static final int INSTANCE_MIN = 70_000;

    private final SimulatedCluster cluster;
    private final Simulation simulation;
    private boolean stopped;
    private int flushed;
    private int seen;
    private int gone;

    /** Flushes begun so far, and until when one may still be under way. */
    private int begun;

    private long underWayUntil;

    /** The largest value whose write is over, and the largest that a flush which is over began after. */
    private long written;

    private long removed;

    /** The mark when nothing was there and no flush was under way, and the flushes begun by then. */
    private long emptyMark = Long.MAX_VALUE;

    private int emptyBegun = -1;

    /** @param mutation what is wrong, null if nothing is */
    Flushes(long seed, @Nullable Mutation mutation) {
        cluster = new SimulatedCluster(seed, REGIONS, mutation);
        simulation = cluster.simulation;
        cluster.strands.deadly(2_000);
        simulation.at(simulation.delay(), () -> write(1));
        simulation.at(simulation.delay(), this::read);
        simulation.at(simulation.delay(), () -> flush(INSTANCE_MIN));
    }

    void check() {
        simulation.run(RUN_NANOS);
        stopped = true;
        cluster.calm();
        simulation.run(TimeUnit.SECONDS.toNanos(40));
        assertTrue(flushed > 0 && seen > 0 && gone > 0, flushed + " flushes, " + seen + " pairs, " + gone + " none");
        for (Range range : cluster.ranges) {
            assertEquals(0, range.queued(), "commands left without an answer");
        }
    }

    private void call(TestProcedure procedure, int gateway, List<byte[]> arguments, Consumer<Reply> whenDone) {
        Request request = procedure.request(500L + gateway, arguments.toArray(byte[][]::new));
        cluster.gateways.get(gateway).execute(request, procedure.parse(request), whenDone);
    }

    private void write(long value) {
        if (!stopped) {
            List<byte[]> arguments = new ArrayList<>(TransactionHistory.names(KEYS, "pair"));
            arguments.add(TestProcedure.text(value));
            call(TestProcedure.MARK, 0, arguments, reply -> {
                if (reply.equals(Reply.OK)) {
                    written = value;
                }
                simulation.at(simulation.delay() * 20, () -> write(value + 1));
            });
        }
    }

    private void read() {
        if (!stopped) {
            List<byte[]> all = TransactionHistory.names(KEYS, "pair");
            List<byte[]> keys = simulation.chance(2) ? all : List.of(all.get(simulation.random.nextInt(KEYS)));
            boolean quiet = simulation.nanoTime() >= underWayUntil;
            int begunBefore = begun;
            long removedBefore = removed;
            call(TestProcedure.LOOK, 1, keys, reply -> {
                if (reply instanceof Reply.Array(List<Reply> values)) {
                    saw(values, quiet && begun == begunBefore, removedBefore);
                }
                simulation.at(simulation.delay(), this::read);
            });
        }
    }

    /**
     * @param quiet whether no flush was under way meanwhile
     * @param removedBefore {@link #removed} when the read began
     */
    private void saw(List<Reply> values, boolean quiet, long removedBefore) {
        long mark = ((Reply.Int) values.getLast()).value();
        List<Reply> pairs = values.subList(0, values.size() - 1);
        long value = ((Reply.Int) pairs.getFirst()).value();
        assertEquals(1, new HashSet<>(pairs).size(), "half a pair: " + values);
        assertTrue(value == 0 || value == mark, "a pair of another mark: " + values);
        assertTrue(value == 0 || value > removedBefore, value + " is there after a flush that came after it");
        if (value != 0) {
            seen++;
            return;
        }
        gone++;
        assertTrue(
                !quiet || emptyBegun != begun || mark <= emptyMark,
                "the write of " + mark + " after a flush is gone without another flush");
        if (quiet && emptyBegun != begun) {
            emptyBegun = begun;
            emptyMark = mark;
        }
    }

    private void flush(int instance) {
        if (!stopped) {
            long before = written;
            begun++;
            underWayUntil = Long.MAX_VALUE;
            call(TestProcedure.FLUSH, 2, List.of(TestProcedure.text(instance)), reply -> {
                boolean surelyOver = reply.equals(Reply.OK)
                        || reply instanceof Reply.Error(String text) && text.startsWith("TRYAGAIN");
                underWayUntil = simulation.nanoTime() + (surelyOver ? 0 : UNSURE_NANOS);
                if (reply.equals(Reply.OK)) {
                    flushed++;
                    removed = before;
                }
                simulation.at(TimeUnit.MILLISECONDS.toNanos(300), () -> flush(instance + 1));
            });
        }
    }
}
