package io.kvasir.txn.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.range.Range;
import io.kvasir.txn.PinnedSnapshot;
import io.kvasir.txn.Router;
import io.kvasir.txn.SnapshotRefused;
import io.kvasir.txn.simulation.SerializabilityChecker.Operation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Transactions over three ranges while leaders change, links break, records are cold, proposals get lost and
 * coordinators die where they wait; then the history is checked. A failing seed is named and replays:
 * {@code -Dkvasir.seed=N}. {@code -Dkvasir.simulation.seconds=N} runs longer.
 */
@Tag("simulation")
class TransactionSimulationTest {

    private static final long DEFAULT_SECONDS = 8;
    private static final long RUN_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final int REGIONS = 3;
    private static final int LISTS = 6;
    private static final int ACCOUNTS = 5;

    @Test
    void historiesOverRangesAreStrictlySerializable() {
        Long replay = Long.getLong("kvasir.seed");
        if (replay != null) {
            run(replay);
            return;
        }
        long seconds = Long.getLong("kvasir.simulation.seconds", DEFAULT_SECONDS);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        long seed = 1;
        long operations = 0;
        long snapshots = 0;
        do {
            History history = run(seed++);
            operations += history.answered;
            snapshots += history.exported;
        } while (System.nanoTime() < end);
        System.out.println("transaction simulation: " + (seed - 1) + " seeds, " + operations + " operations, "
                + snapshots + " snapshots read");
        assertTrue(snapshots > 0, "no snapshot was ever read to its end");
    }

    @Test
    void aFlushOfAllRangesIsOneMoment() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEFAULT_SECONDS / 2);
        long seed = 1;
        do {
            try {
                new Flushes(seed).check();
            } catch (RuntimeException | AssertionError failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
            seed++;
        } while (System.nanoTime() < end);
    }

    /** Pairs are written in two ranges and all ranges are flushed: nobody ever sees half a pair (rule K19). */
    private static final class Flushes {

        private static final int INSTANCE_MIN = 70_000;

        private final SimulatedCluster cluster;
        private final Simulation simulation;
        private boolean stopped;
        private int flushed;
        private int seen;
        private int gone;

        Flushes(long seed) {
            cluster = new SimulatedCluster(seed, REGIONS);
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
            assertTrue(
                    flushed > 0 && seen > 0 && gone > 0, flushed + " flushes, " + seen + " pairs, " + gone + " none");
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
                List<byte[]> arguments = new ArrayList<>(History.names(4, "pair"));
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
                call(TestProcedure.GET, 1, History.names(4, "pair"), reply -> {
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

    private static History run(long seed) {
        try {
            return new History(seed).check();
        } catch (RuntimeException | AssertionError failure) {
            throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
        }
    }

    /** One run: clients, what they saw, and whether it could have been. */
    private static final class History {

        private final SimulatedCluster cluster;
        private final Simulation simulation;
        private final List<Operation> operations = new ArrayList<>();
        private long nextId = 1;
        private long nextReader = -2;
        private boolean stopped;
        private int answered;
        private int exported;

        History(long seed) {
            cluster = new SimulatedCluster(seed, REGIONS);
            simulation = cluster.simulation;
            cluster.strands.deadly(400);
            for (int client = 0; client < 6; client++) {
                Router gateway = cluster.gateways.get(client % SimulatedCluster.STORES);
                long session = 100 + client;
                simulation.at(simulation.delay(), () -> next(gateway, session));
            }
            for (int client = 0; client < 2; client++) {
                Router gateway = cluster.gateways.get(client);
                long session = 200 + client;
                simulation.at(simulation.delay(), () -> transfer(gateway, session));
            }
            simulation.at(simulation.delay(), () -> sum(cluster.gateways.get(2), 300));
            simulation.at(simulation.delay(), () -> export(cluster.gateways.get(1)));
        }

        History check() {
            simulation.run(RUN_NANOS);
            stopped = true;
            cluster.calm();
            simulation.run(TimeUnit.SECONDS.toNanos(40));
            assertTrue(answered > 100, "only " + answered + " operations were answered");
            Map<String, List<Long>> last = new HashMap<>();
            readLast(last);
            simulation.run(TimeUnit.SECONDS.toNanos(30));
            assertEquals(LISTS, last.size(), "the lists cannot be read in the end");
            new SerializabilityChecker(operations, last).check();
            for (Range range : cluster.ranges) {
                assertEquals(0, range.queued(), "commands left without an answer");
            }
            for (int region = 1; region <= REGIONS; region++) {
                Set<Long> counts = new HashSet<>();
                for (Range range : cluster.ranges) {
                    if (range.descriptor().id().value() == region) {
                        counts.add(range.keys(0));
                    }
                }
                assertEquals(1, counts.size(), "replicas count differently: " + counts);
            }
            return this;
        }

        private void readLast(Map<String, List<Long>> last) {
            call(TestProcedure.LISTS, cluster.gateways.get(0), 400, names(LISTS, "list"), reply -> {
                if (!(reply instanceof Reply.Array(List<Reply> lists))) {
                    simulation.at(simulation.delay(), () -> readLast(last)); // the oracle may have been silent
                    return;
                }
                for (int i = 0; i < LISTS; i++) {
                    last.put("list" + i, list(lists.get(i)));
                }
            });
        }

        private void call(
                TestProcedure procedure,
                Router gateway,
                long session,
                List<byte[]> arguments,
                Consumer<Reply> whenDone) {
            Request request = procedure.request(session, arguments.toArray(byte[][]::new));
            gateway.execute(request, procedure.parse(request), whenDone);
        }

        private void next(Router gateway, long session) {
            if (stopped) {
                return;
            }
            int kind = simulation.random.nextInt(4);
            List<String> keys = new ArrayList<>();
            int wanted = kind == 2 ? 2 : 1 + simulation.random.nextInt(3);
            while (keys.size() < wanted) {
                String key = "list" + simulation.random.nextInt(LISTS);
                if (!keys.contains(key)) {
                    keys.add(key);
                }
            }
            long invoked = simulation.nanoTime();
            long id = kind == 3 ? nextReader-- : nextId++;
            List<byte[]> arguments = new ArrayList<>();
            keys.forEach(key -> arguments.add(bytes(key)));
            if (kind != 3) {
                arguments.add(TestProcedure.text(id));
            }
            List<String> appended = kind == 3 ? List.of() : kind == 2 ? keys.subList(1, 2) : keys;
            TestProcedure procedure =
                    kind == 3 ? TestProcedure.LISTS : kind == 2 ? TestProcedure.GUARD : TestProcedure.APPEND;
            call(procedure, gateway, session, arguments, reply -> {
                answer(reply, id, invoked, keys, appended);
                simulation.at(simulation.delay(), () -> next(gateway, session));
            });
        }

        private void answer(Reply reply, long id, long invoked, List<String> keys, List<String> appended) {
            switch (reply) {
                case Reply.Array(List<Reply> lists) -> {
                    answered++;
                    Map<String, List<Long>> seen = new HashMap<>();
                    for (int i = 0; i < keys.size(); i++) {
                        seen.put(keys.get(i), list(lists.get(i)));
                    }
                    operations.add(new Operation(id, invoked, simulation.nanoTime(), seen, appended));
                }
                case Reply.Error(String text) when text.startsWith("TRYAGAIN") -> {
                    // surely without effect: should an element of it turn up, it is of no operation
                }
                case Reply.Error(String text)
                when text.startsWith("UNDETERMINED") || text.startsWith("ERR internal") ->
                    operations.add(new Operation(id, invoked, Long.MAX_VALUE, Map.of(), appended));
                default -> fail("reply " + reply);
            }
        }

        private void transfer(Router gateway, long session) {
            if (stopped) {
                return;
            }
            int from = simulation.random.nextInt(ACCOUNTS);
            int to = (from + 1 + simulation.random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
            List<byte[]> arguments = List.of(
                    bytes("account" + from),
                    bytes("account" + to),
                    TestProcedure.text(1 + simulation.random.nextInt(3)));
            call(
                    TestProcedure.TRANSFER,
                    gateway,
                    session,
                    arguments,
                    reply -> simulation.at(simulation.delay(), () -> transfer(gateway, session)));
        }

        /** Money is moved and never made: in every snapshot the accounts add up to nothing. */
        private void sum(Router gateway, long session) {
            if (stopped) {
                return;
            }
            call(TestProcedure.GET, gateway, session, names(ACCOUNTS, "account"), reply -> {
                if (reply instanceof Reply.Array(List<Reply> balances)) {
                    long sum = 0;
                    for (Reply balance : balances) {
                        sum += ((Reply.Int) balance).value();
                    }
                    assertEquals(0, sum, "accounts add up to " + sum + ": " + balances);
                }
                simulation.at(simulation.delay(), () -> sum(gateway, session));
            });
        }

        /** Now and then somebody reads everything of one moment, piece by piece, as an export does. */
        private void export(Router gateway) {
            if (stopped) {
                return;
            }
            long id = nextReader--;
            long invoked = simulation.nanoTime();
            cluster.strands.start(() -> {
                try {
                    readThrough(gateway.pin(1), id, invoked);
                } catch (SnapshotRefused refused) {
                    // no leader, or too many snapshots whose readers died
                }
            });
            simulation.at(TimeUnit.MILLISECONDS.toNanos(40), () -> export(gateway));
        }

        private void readThrough(PinnedSnapshot snapshot, long id, long invoked) {
            long returned = simulation.nanoTime();
            Map<String, List<Long>> seen = new HashMap<>();
            Reply balances = read(snapshot, TestProcedure.GET, names(ACCOUNTS, "account"));
            for (byte[] name : names(LISTS, "list")) {
                if (read(snapshot, TestProcedure.LISTS, List.of(name)) instanceof Reply.Array(List<Reply> lists)) {
                    seen.put(new String(name, StandardCharsets.US_ASCII), list(lists.getFirst()));
                }
            }
            snapshot.close();
            if (seen.size() == LISTS && balances instanceof Reply.Array(List<Reply> all)) {
                long sum =
                        all.stream().mapToLong(one -> ((Reply.Int) one).value()).sum();
                assertEquals(0, sum, "accounts add up to " + sum + " in a snapshot: " + balances);
                operations.add(new Operation(id, invoked, returned, seen, List.of()));
                exported++;
            }
        }

        /** Reads after a while, in which others write. */
        private Reply read(PinnedSnapshot snapshot, TestProcedure procedure, List<byte[]> names) {
            CompletableFuture<Boolean> over = new CompletableFuture<>();
            simulation.at(simulation.delay(), () -> over.complete(true));
            assertTrue(cluster.strands.await(over));
            return snapshot.run(procedure.parse(procedure.request(0, names.toArray(byte[][]::new))));
        }

        private static List<byte[]> names(int count, String kind) {
            List<byte[]> names = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                names.add(bytes(kind + i));
            }
            return names;
        }

        private static byte[] bytes(String name) {
            return name.getBytes(StandardCharsets.US_ASCII);
        }

        private static List<Long> list(Reply reply) {
            String text = new String(((Reply.Bulk) reply).bytes(), StandardCharsets.US_ASCII);
            List<Long> list = new ArrayList<>();
            for (String element : text.split(",")) {
                if (!element.isEmpty()) {
                    list.add(Long.parseLong(element));
                }
            }
            return list;
        }
    }
}
