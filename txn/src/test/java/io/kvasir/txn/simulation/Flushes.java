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

/** Pairs are written in two ranges and all ranges are flushed: nobody ever sees half a pair (rule K19). */
final class Flushes {

    private static final long RUN_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final int REGIONS = 3;
    private static final int INSTANCE_MIN = 70_000;

    private final SimulatedCluster cluster;
    private final Simulation simulation;
    private boolean stopped;
    private int flushed;
    private int seen;
    private int gone;

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
            List<byte[]> arguments = new ArrayList<>(TransactionHistory.names(4, "pair"));
            arguments.add(TestProcedure.text(value));
            call(
                    TestProcedure.PUT,
                    0,
                    arguments,
                    reply -> simulation.at(simulation.delay() * 20, () -> write(value + 1)));
        }
    }

    private void read() {
        if (!stopped) {
            call(TestProcedure.GET, 1, TransactionHistory.names(4, "pair"), reply -> {
                if (reply instanceof Reply.Array(List<Reply> values)) {
                    assertEquals(1, new HashSet<>(values).size(), "half a pair: " + values);
                    if (values.getFirst().equals(new Reply.Int(0))) {
                        gone++;
                    } else {
                        seen++;
                    }
                }
                simulation.at(simulation.delay(), this::read);
            });
        }
    }

    private void flush(int instance) {
        if (!stopped) {
            call(TestProcedure.FLUSH, 2, List.of(TestProcedure.text(instance)), reply -> {
                flushed += reply.equals(Reply.OK) ? 1 : 0;
                simulation.at(TimeUnit.MILLISECONDS.toNanos(300), () -> flush(instance + 1));
            });
        }
    }
}
