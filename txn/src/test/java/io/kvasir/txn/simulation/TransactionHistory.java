package io.kvasir.txn.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import io.kvasir.region.Transaction;
import io.kvasir.region.range.Range;
import io.kvasir.txn.PinnedSnapshot;
import io.kvasir.txn.Router;
import io.kvasir.txn.SnapshotRefused;
import io.kvasir.txn.percolator.Percolator;
import io.kvasir.txn.simulation.SerializabilityChecker.Operation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One run: clients, what they saw, and whether it could have been. */
final class TransactionHistory {

    private static final long RUN_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final int REGIONS = 3;
    private static final int LISTS = 6;
    private static final int ACCOUNTS = 5;
    private static final int SURVEY_ONE_IN = 12;

    /** Fewer answers than this in a run show that something hangs, and show nothing else. */
    private static final int ANSWERED_MIN = 50;

    /** Of how many seeds one waits until the last fate must be forgotten. */
    private static final int PATIENT_ONE_IN = 8;

    private static final int SPLITS_MAX = 4;

    private final long seed;
    private final @Nullable Mutation mutation;
    private final SimulatedCluster cluster;
    private final Simulation simulation;
    private final List<Operation> operations = new ArrayList<>();
    private long nextId = 1;
    private long nextReader = -2;
    private boolean stopped;
    private int answered;
    private int exported;

    /** @param mutation what is wrong, null if nothing is */
    TransactionHistory(long seed, @Nullable Mutation mutation) {
        this.seed = seed;
        this.mutation = mutation;
        cluster = new SimulatedCluster(seed, REGIONS, mutation);
        simulation = cluster.simulation;
        if (mutation == null && seed % 2 == 1) {
            cluster.splitNowAndThen(SPLITS_MAX);
        }
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

    /** Returns how many operations were answered. */
    int answered() {
        return answered;
    }

    /** Returns how many times a range was split. */
    int splits() {
        return cluster.splits();
    }

    /** Returns how many snapshots were read to their end. */
    int exported() {
        return exported;
    }

    TransactionHistory check() {
        simulation.run(RUN_NANOS);
        stopped = true;
        cluster.calm();
        simulation.run(TimeUnit.SECONDS.toNanos(40));
        assertTrue(answered > ANSWERED_MIN, "only " + answered + " operations were answered");
        Map<String, List<Long>> last = new HashMap<>();
        readLast(last);
        simulation.run(TimeUnit.SECONDS.toNanos(30));
        assertEquals(LISTS, last.size(), "the lists cannot be read in the end");
        new SerializabilityChecker(operations, last).check();
        for (Range range : cluster.ranges) {
            assertEquals(0, range.queued(), "commands left without an answer");
        }
        cluster.checkTiles();
        checkNothingIsLeft();
        return this;
    }

    private void checkNothingIsLeft() {
        for (Range range : cluster.ranges) {
            assertTrue(range.locksByOwner(1).isEmpty(), "a lock is left");
        }
        if (seed % PATIENT_ONE_IN == 0) {
            simulation.run(TimeUnit.MILLISECONDS.toNanos(Percolator.FATE_KEPT_MILLIS + 60_000L));
            assertEquals(0, cluster.locksAndFates(), "locks and fates are left");
        }
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
            TestProcedure procedure, Router gateway, long session, List<byte[]> arguments, Consumer<Reply> whenDone) {
        Request request = procedure.request(session, arguments.toArray(byte[][]::new));
        Invocation invocation = procedure.parse(request);
        gateway.execute(request, simulation.chance(5) ? new Undeclared(invocation) : invocation, whenDone);
    }

    /** The same with keys that nobody knows before it runs: a transaction, even if they are in one range. */
    private record Undeclared(Invocation invocation) implements Invocation {

        @Override
        public Reply run(Transaction transaction) {
            return invocation.run(transaction);
        }

        @Override
        public boolean readOnly() {
            return invocation.readOnly();
        }

        @Override
        public int database() {
            return invocation.database();
        }

        @Override
        public List<byte[]> userKeys() {
            return List.of();
        }
    }

    private void next(Router gateway, long session) {
        if (stopped) {
            return;
        }
        if (simulation.chance(SURVEY_ONE_IN)) {
            survey(gateway, session);
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
        Consumer<Reply> end = reply -> {
            answer(reply, id, invoked, keys, appended);
            simulation.at(simulation.delay(), () -> next(gateway, session));
        };
        call(procedure, gateway, session, arguments, reply -> {
            if (mutation == Mutation.CLIENTS_TRY_UNDETERMINED_AGAIN
                    && reply instanceof Reply.Error(String text)
                    && text.startsWith("UNDETERMINED")) {
                call(procedure, gateway, session, arguments, end);
            } else {
                end.accept(reply);
            }
        });
    }

    /** Looks through the lists between two, present and absent ones, and appends to one that may lie among them. */
    private void survey(Router gateway, long session) {
        String one = "list" + simulation.random.nextInt(LISTS);
        String other = "list" + simulation.random.nextInt(LISTS);
        String written = "list" + simulation.random.nextInt(LISTS);
        long invoked = simulation.nanoTime();
        long id = nextId++;
        List<byte[]> arguments = List.of(bytes(one), bytes(other), bytes(written), TestProcedure.text(id));
        call(TestProcedure.SURVEY, gateway, session, arguments, reply -> {
            List<String> keys = new ArrayList<>();
            List<Reply> lists = new ArrayList<>();
            if (reply instanceof Reply.Array(List<Reply> met)) {
                Map<String, Reply> found = new HashMap<>();
                for (int i = 0; i + 1 < met.size(); i += 2) {
                    found.put(new String(((Reply.Bulk) met.get(i)).bytes(), StandardCharsets.US_ASCII), met.get(i + 1));
                }
                keys.addAll(between(one, other));
                assertTrue(keys.containsAll(found.keySet()), found.keySet() + " between " + one + " and " + other);
                keys.forEach(key -> lists.add(found.getOrDefault(key, new Reply.Bulk(new byte[0]))));
                keys.add(written);
                lists.add(met.getLast());
            }
            answer(reply instanceof Reply.Array ? new Reply.Array(lists) : reply, id, invoked, keys, List.of(written));
            simulation.at(simulation.delay(), () -> next(gateway, session));
        });
    }

    /** Returns the lists whose keys lie from {@code one} to {@code other}, both included. */
    private static List<String> between(String one, String other) {
        byte[] first = KeyLayout.stem(0, bytes(one));
        byte[] last = KeyLayout.stem(0, bytes(other));
        List<String> found = new ArrayList<>();
        for (byte[] name : names(LISTS, "list")) {
            byte[] stem = KeyLayout.stem(0, name);
            if (Arrays.compareUnsigned(stem, first) * (long) Arrays.compareUnsigned(stem, last) <= 0) {
                found.add(new String(name, StandardCharsets.US_ASCII));
            }
        }
        return found;
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
                bytes("account" + from), bytes("account" + to), TestProcedure.text(1 + simulation.random.nextInt(3)));
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
            long sum = all.stream().mapToLong(one -> ((Reply.Int) one).value()).sum();
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

    static List<byte[]> names(int count, String kind) {
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
