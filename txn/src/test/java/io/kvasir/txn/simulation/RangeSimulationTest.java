package io.kvasir.txn.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.range.Range;
import io.kvasir.txn.Router;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Clients over three gateways while leaders change, links break, records are cold and proposals get lost; then the
 * history is checked. A failing seed is named and replays: {@code -Dkvasir.seed=N}.
 * {@code -Dkvasir.simulation.seconds=N} runs longer.
 */
@Tag("simulation")
class RangeSimulationTest {

    private static final int SPLITS_MAX = 3;

    private static final long DEFAULT_SECONDS = 8;
    private static final long RUN_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final int COUNTERS = 3;

    /** Largest number of records of a large value. */
    private static final long LARGE_MAX = 100;

    /** An operation on one counter with its instants in virtual time. */
    private record Operation(boolean increment, long invoked, long returned, long value) {}

    @Test
    void historiesUnderLeaderChangesAreLinearizableAndInOrder() {
        Long replay = Long.getLong("kvasir.seed");
        if (replay != null) {
            run(replay);
            return;
        }
        long seconds = Long.getLong("kvasir.simulation.seconds", DEFAULT_SECONDS);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        long seed = 1;
        do {
            run(seed++);
        } while (System.nanoTime() < end);
        System.out.println("range simulation: " + (seed - 1) + " seeds");
    }

    private static void run(long seed) {
        try {
            new History(seed).check();
        } catch (RuntimeException | AssertionError failure) {
            throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
        }
    }

    /** One run: clients, what they saw, and whether it could have been. */
    private static final class History {

        private final SimulatedCluster cluster;
        private final Simulation simulation;
        private final Map<Integer, List<Operation>> operations = new HashMap<>();
        private final int[] undetermined = new int[COUNTERS];
        private final List<Pipeline> pipelines = new ArrayList<>();
        private boolean stopped;
        private int done;
        private long largeAcknowledged;
        private int replicaReads;

        History(long seed) {
            cluster = new SimulatedCluster(seed);
            simulation = cluster.simulation;
            if (seed % 2 == 1) {
                cluster.splitNowAndThen(SPLITS_MAX);
            }
            for (int client = 0; client < 6; client++) {
                Router gateway = cluster.gateways.get(client % SimulatedCluster.STORES);
                long session = 100 + client;
                simulation.at(simulation.delay(), () -> nextOperation(gateway, session));
            }
            for (int i = 0; i < 3; i++) {
                Pipeline pipeline = new Pipeline(200 + i, cluster.gateways.get(i));
                pipelines.add(pipeline);
                simulation.at(simulation.delay(), pipeline::burst);
            }
            for (int i = 0; i < SimulatedCluster.STORES; i++) {
                Router gateway = cluster.gateways.get(i);
                long session = 600 + i;
                simulation.at(simulation.delay(), () -> readBehind(gateway, session));
            }
            simulation.at(simulation.delay(), () -> writePairs(cluster.gateways.get(0), 1));
            simulation.at(simulation.delay(), () -> readPairs(cluster.gateways.get(1), 0));
            simulation.at(simulation.delay(), () -> storeLarge(cluster.gateways.get(1), 1));
            simulation.at(simulation.delay(), () -> loadLarge(cluster.gateways.get(2), 0));
            simulation.at(simulation.delay(), () -> storeShared(cluster.gateways.get(0), 500));
            simulation.at(simulation.delay(), () -> storeShared(cluster.gateways.get(2), 501));
        }

        void check() {
            simulation.run(RUN_NANOS);
            stopped = true;
            cluster.calm();
            simulation.run(TimeUnit.SECONDS.toNanos(30));
            assertTrue(done > 100, "only " + done + " operations");
            assertTrue(replicaReads > 0, "no read was answered by a replica");
            checkReplicas();
            for (int counter = 0; counter < COUNTERS; counter++) {
                checkCounter(counter, operations.getOrDefault(counter, List.of()), undetermined[counter]);
            }
            pipelines.forEach(Pipeline::check);
        }

        private void call(
                Router gateway, TestProcedure procedure, long session, Consumer<Reply> whenDone, byte[]... arguments) {
            Request request = procedure.request(session, arguments);
            gateway.execute(request, procedure.parse(request), whenDone);
        }

        /** How a procedure is called. */
        private interface Caller {
            void call(
                    Router gateway,
                    TestProcedure procedure,
                    long session,
                    Consumer<Reply> whenDone,
                    byte[]... arguments);
        }

        private void readStrictlyAtReplica(
                Router gateway, TestProcedure procedure, long session, Consumer<Reply> whenDone, byte[]... arguments) {
            readAtReplica(gateway, simulation.nanoTime(), procedure, session, whenDone, arguments);
        }

        private void readAtReplica(
                Router gateway,
                long since,
                TestProcedure procedure,
                long session,
                Consumer<Reply> whenDone,
                byte[]... arguments) {
            Request request = procedure.request(session, arguments);
            gateway.executeAtReplica(
                    request,
                    procedure.parse(request),
                    OptionalLong.of(since),
                    reply -> {
                        replicaReads++;
                        whenDone.accept(reply);
                    },
                    whenDone);
        }

        /** Reads that may be some time behind show all that was acknowledged before that. */
        private void readBehind(Router gateway, long session) {
            if (stopped) {
                return;
            }
            int counter = simulation.random.nextInt(COUNTERS);
            long since = simulation.nanoTime() - simulation.random.nextLong(TimeUnit.SECONDS.toNanos(1));
            long floor = operations.getOrDefault(counter, List.of()).stream()
                    .filter(operation -> operation.increment && operation.returned < since)
                    .mapToLong(Operation::value)
                    .max()
                    .orElse(0);
            readAtReplica(
                    gateway,
                    since,
                    TestProcedure.GET,
                    session,
                    reply -> {
                        if (reply instanceof Reply.Array(List<Reply> values)) {
                            long seen = number(values.getFirst());
                            assertTrue(seen >= floor, "a replica shows " + seen + " where " + floor + " is due");
                        }
                        simulation.at(simulation.delay(), () -> readBehind(gateway, session));
                    },
                    name("counter", counter));
        }

        private void nextOperation(Router gateway, long session) {
            if (stopped) {
                return;
            }
            int counter = simulation.random.nextInt(COUNTERS);
            boolean increment = simulation.chance(2);
            long invoked = simulation.nanoTime();
            Caller caller = increment || simulation.chance(2) ? this::call : this::readStrictlyAtReplica;
            caller.call(
                    gateway,
                    increment ? TestProcedure.INCR : TestProcedure.GET,
                    session,
                    reply -> {
                        long returned = simulation.nanoTime();
                        done++;
                        switch (reply) {
                            case Reply.Int(long value) ->
                                record(counter, new Operation(true, invoked, returned, value));
                            case Reply.Array(List<Reply> values) ->
                                record(counter, new Operation(false, invoked, returned, number(values.getFirst())));
                            case Reply.Error(String text)
                            when text.startsWith("UNDETERMINED") -> undetermined[counter]++;
                            case Reply.Error(String text) when text.startsWith("TRYAGAIN") -> {}
                            default -> fail("reply " + reply);
                        }
                        simulation.at(simulation.delay(), () -> nextOperation(gateway, session));
                    },
                    name("counter", counter));
        }

        private void record(int counter, Operation operation) {
            operations.computeIfAbsent(counter, c -> new ArrayList<>()).add(operation);
        }

        private static long number(Reply reply) {
            return ((Reply.Int) reply).value();
        }

        private static byte[] name(String kind, int number) {
            return (kind + number).getBytes(StandardCharsets.US_ASCII);
        }

        /** Two keys written by one command are never seen apart (rule K16). */
        private void writePairs(Router gateway, long value) {
            if (!stopped) {
                call(
                        gateway,
                        TestProcedure.PUT,
                        300,
                        reply -> simulation.at(simulation.delay(), () -> writePairs(gateway, value + 1)),
                        name("pair", 1),
                        name("pair", 2),
                        TestProcedure.text(value));
            }
        }

        private void readPairs(Router gateway, long newest) {
            if (stopped) {
                return;
            }
            Caller caller = simulation.chance(2) ? this::call : this::readStrictlyAtReplica;
            caller.call(
                    gateway,
                    TestProcedure.GET,
                    301,
                    reply -> {
                        long seen = newest;
                        if (reply instanceof Reply.Array(List<Reply> values)) {
                            assertEquals(number(values.get(0)), number(values.get(1)), "a torn pair");
                            seen = number(values.get(0));
                            assertTrue(seen >= newest, "pair went back from " + newest + " to " + seen);
                        }
                        long from = seen;
                        simulation.at(simulation.delay(), () -> readPairs(gateway, from));
                    },
                    name("pair", 1),
                    name("pair", 2));
        }

        /** One writer of a value too large for one entry, each greater than the one before (rule K11). */
        private void storeLarge(Router gateway, long value) {
            if (!stopped && value <= LARGE_MAX) {
                call(
                        gateway,
                        TestProcedure.STORE,
                        400,
                        reply -> {
                            if (reply.equals(Reply.OK)) {
                                largeAcknowledged = value;
                            }
                            simulation.at(simulation.delay(), () -> storeLarge(gateway, value + 1));
                        },
                        name("large", 1),
                        TestProcedure.text(value));
            }
        }

        /** Sees each value whole, none that is older than one acknowledged before, and none twice removed (K32). */
        private void loadLarge(Router gateway, long newest) {
            if (stopped) {
                return;
            }
            long floor = Math.max(newest, largeAcknowledged);
            call(
                    gateway,
                    TestProcedure.LOAD,
                    401,
                    reply -> {
                        long seen = floor;
                        if (reply instanceof Reply.Int(long value)) {
                            assertTrue(value >= floor, "large value went back from " + floor + " to " + value);
                            seen = value;
                        }
                        long from = seen;
                        simulation.at(simulation.delay(), () -> loadLarge(gateway, from));
                    },
                    name("large", 1));
        }

        /** Two writers of one large value: what they leave is one's or the other's. */
        private void storeShared(Router gateway, long session) {
            if (stopped) {
                return;
            }
            boolean read = simulation.chance(2);
            byte[] size = TestProcedure.text(1 + simulation.random.nextInt((int) LARGE_MAX));
            Consumer<Reply> next = reply -> {
                assertTrue(!reply.equals(new Reply.Int(-1)), "a value of two writers");
                simulation.at(simulation.delay(), () -> storeShared(gateway, session));
            };
            if (read) {
                call(gateway, TestProcedure.LOAD, session, next, name("shared", 1));
            } else {
                call(gateway, TestProcedure.STORE, session, next, name("shared", 1), size);
            }
        }

        private void checkReplicas() {
            assertTrue(
                    cluster.replications.stream()
                            .flatMap(group -> group.replicas().stream())
                            .allMatch(SimulatedReplication.Replica::isCaughtUp),
                    "a replica did not catch up");
            for (Range range : cluster.ranges) {
                assertEquals(0, range.queued(), "commands left without an answer");
                assertEquals(0, range.stagedNotes(), "pieces of writes that failed");
            }
            cluster.checkTiles();
        }

        /** A counter's history is linearizable if and only if ordering by value agrees with real time. */
        private static void checkCounter(int counter, List<Operation> history, int undetermined) {
            String what = "counter " + counter + ": ";
            List<Operation> byValue = new ArrayList<>(history);
            byValue.sort(Comparator.comparingLong(Operation::value).thenComparing(operation -> !operation.increment));
            Set<Long> increments = new HashSet<>();
            long latestInvocation = Long.MIN_VALUE;
            long highest = 0;
            for (Operation operation : byValue) {
                if (operation.increment) {
                    assertTrue(increments.add(operation.value), what + "two increments gave " + operation.value);
                }
                assertTrue(
                        operation.returned >= latestInvocation,
                        what + operation + " ended before an operation with a smaller value began");
                latestInvocation = Math.max(latestInvocation, operation.invoked);
                highest = operation.value;
            }
            assertTrue(
                    highest <= increments.size() + undetermined,
                    what + "value " + highest + " of " + increments.size() + " increments and " + undetermined
                            + " undetermined");
        }

        /** One connection that writes rising values to its own key without waiting, and reads between (rule K28). */
        private final class Pipeline {

            private static final long NOTHING = -1;

            private final long session;
            private final Router gateway;
            private final byte[] key;

            /**
             * In the order sent: the value written or seen, {@link #NOTHING} where it is not known to have happened.
             */
            private final List<Long> results = new ArrayList<>();

            /** In the order sent: the newest value written by then. */
            private final List<Long> ceilings = new ArrayList<>();

            private final List<Boolean> reads = new ArrayList<>();
            private long next = 1;
            private int open;

            Pipeline(long session, Router gateway) {
                this.session = session;
                this.gateway = gateway;
                this.key = name("pipeline", (int) session);
            }

            void burst() {
                if (stopped) {
                    return;
                }
                int commands = 1 + simulation.random.nextInt(8);
                open += commands;
                for (int i = 0; i < commands; i++) {
                    send(simulation.chance(3));
                }
            }

            private void send(boolean read) {
                int place = results.size();
                long value = read ? next - 1 : next++;
                results.add(NOTHING);
                ceilings.add(value);
                reads.add(read);
                Consumer<Reply> whenDone = reply -> {
                    if (reply instanceof Reply.Array(List<Reply> values)) {
                        results.set(place, number(values.getFirst()));
                    } else if (reply.equals(Reply.OK)) {
                        results.set(place, value);
                    }
                    if (--open == 0) {
                        simulation.at(simulation.delay(), this::burst);
                    }
                };
                if (read) {
                    call(gateway, TestProcedure.GET, session, whenDone, key);
                } else {
                    call(gateway, TestProcedure.PUT, session, whenDone, key, TestProcedure.text(value));
                }
            }

            /** Every read sees the writes sent before it, no read goes back, and the last write stands. */
            void check() {
                open++;
                send(true);
                simulation.run(TimeUnit.SECONDS.toNanos(20));
                assertEquals(0, open, "session " + session + " has commands without a reply");
                assertTrue(results.getLast() != NOTHING, "session " + session + " cannot read in the end");
                long floor = 0;
                for (int i = 0; i < results.size(); i++) {
                    long result = results.get(i);
                    if (result != NOTHING) {
                        String what = "session " + session + ", command " + i + ": ";
                        if (reads.get(i)) {
                            assertTrue(result >= floor, what + "saw " + result + " after " + floor);
                            assertTrue(result <= ceilings.get(i), what + "saw " + result + " before it was written");
                        }
                        floor = Math.max(floor, result);
                    }
                }
            }
        }
    }
}
