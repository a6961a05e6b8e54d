package io.kvasir.txn.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.proto.request.RequestId;
import io.kvasir.region.Awaiting;
import io.kvasir.region.range.Range;
import io.kvasir.txn.Router;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Clients that put numbers into lists, each once (rule K21), and clients that wait for them, at any gateway, some for a
 * list and some for several, some for ever and some for a while (rule K31), while leaders change, links break and
 * proposals get lost. Then every number was taken once, but for those whose takers were told that they do not know.
 * {@code -Dkvasir.seed=N} replays a seed.
 */
@Tag("simulation")
class WaitSimulationTest {

    private static final long RUN_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(100);
    private static final long SECONDS = 5;
    private static final int KEYS = 4;
    private static final int PUSHERS = 3;
    private static final int TAKERS = 6;

    @Test
    void k31WhoWaitsIsServedOnceWhateverHappensToLeaders() {
        Long replay = Long.getLong("kvasir.seed");
        if (replay != null) {
            new History(replay).check();
            return;
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        long seed = 1;
        int taken = 0;
        int waited = 0;
        int undetermined = 0;
        do {
            History history = new History(seed);
            try {
                history.check();
            } catch (RuntimeException | AssertionError failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
            taken += history.taken.size();
            waited += history.waited;
            undetermined += history.undetermined;
            seed++;
        } while (System.nanoTime() < end);
        System.out.println("waits: " + (seed - 1) + " seeds, " + taken + " taken, " + waited + " waited, "
                + undetermined + " undetermined");
        assertTrue(waited > 0, "nobody ever waited");
    }

    /** One run. */
    private static final class History {

        private final SimulatedCluster cluster;
        private final Simulation simulation;
        private final Set<Long> pushed = new TreeSet<>();
        private final Set<Long> taken = new TreeSet<>();
        private final Set<Long> open = new HashSet<>();
        private long nextId = 1;
        private long nextSession = 100;
        private boolean stopped;
        private int waited;
        private int undetermined;

        History(long seed) {
            cluster = new SimulatedCluster(seed, seed % 2 == 0 ? 3 : 1);
            simulation = cluster.simulation;
            for (int i = 0; i < PUSHERS; i++) {
                simulation.at(simulation.delay(), this::push);
            }
            for (int i = 0; i < TAKERS; i++) {
                simulation.at(simulation.delay(), this::take);
            }
        }

        private Router gateway() {
            return cluster.gateways.get(simulation.random.nextInt(SimulatedCluster.STORES));
        }

        private void push() {
            if (stopped) {
                return;
            }
            long id = nextId++;
            open.add(id);
            send(id, "key" + simulation.random.nextInt(KEYS));
        }

        private void send(long id, String key) {
            byte[][] arguments = {key.getBytes(StandardCharsets.US_ASCII), TestProcedure.text(id)};
            Request request = new Request(
                    TestProcedure.APPEND.name(),
                    1,
                    0,
                    nextSession++,
                    0,
                    Optional.of(new RequestId(-id, 1, id)), // waits have their gateway there
                    0,
                    arguments);
            gateway().execute(request, TestProcedure.APPEND.parse(request), reply -> {
                boolean done = reply instanceof Reply.Array
                        || reply instanceof Reply.Error(String text) && text.startsWith("APPLIED");
                if (done) {
                    open.remove(id);
                    pushed.add(id);
                    simulation.at(simulation.delay() * 40, this::push);
                } else {
                    simulation.at(simulation.delay() * 5, () -> send(id, key));
                }
            });
        }

        private void take() {
            List<String> keys = new ArrayList<>();
            for (int i = 0; i < KEYS; i++) {
                keys.add("key" + i);
            }
            Collections.shuffle(keys, new java.util.Random(simulation.random.nextLong()));
            // Once no more comes, all look everywhere.
            Request request = TakeProcedure.request(
                    nextSession++, stopped ? keys : keys.subList(0, simulation.chance(2) ? 1 : 2));
            long timeoutNanos = simulation.chance(2)
                    ? TimeUnit.MILLISECONDS.toNanos(simulation.random.nextLong(1, 2_000))
                    : stopped ? TimeUnit.SECONDS.toNanos(2) : TimeUnit.SECONDS.toNanos(5);
            long begin = simulation.nanoTime();
            var unused = gateway()
                    .await(
                            request,
                            (Awaiting) new TakeProcedure().parse(request),
                            timeoutNanos,
                            Reply.NULL_ARRAY,
                            reply -> taken(reply, begin));
        }

        private void taken(Reply reply, long begin) {
            switch (reply) {
                case Reply.Int(long id) -> {
                    assertTrue(taken.add(id), "taken twice: " + id);
                    if (simulation.nanoTime() - begin > TimeUnit.MILLISECONDS.toNanos(100)) {
                        waited++;
                    }
                }
                case Reply.Null _ -> {}
                case Reply.Error(String text) when text.startsWith("UNDETERMINED") -> undetermined++;
                case Reply.Error(String text) when text.startsWith("TRYAGAIN") || text.startsWith("ERR internal") -> {}
                default -> fail("reply " + reply);
            }
            simulation.at(simulation.delay(), this::take);
        }

        void check() {
            simulation.run(RUN_NANOS);
            stopped = true;
            cluster.calm();
            simulation.run(CALM_NANOS);
            assertEquals(Set.of(), open, "pushes that were never answered");
            assertTrue(pushed.size() > 20, "only " + pushed.size() + " pushed");
            Set<Long> unknown = new TreeSet<>(taken);
            unknown.removeAll(pushed);
            assertEquals(Set.of(), unknown, "taken and never pushed");
            Set<Long> missing = new TreeSet<>(pushed);
            missing.removeAll(taken);
            assertTrue(
                    missing.size() <= undetermined,
                    missing + " are lost, and only " + undetermined + " takers were told so");
            for (Range range : cluster.ranges) {
                assertTrue(range.queued() <= TAKERS, "commands left without an answer");
            }
        }
    }
}
