package io.kvasir.txn.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.OwnedKey;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.KeySpan;
import io.kvasir.txn.RouteTable;
import io.kvasir.txn.Router;
import io.kvasir.txn.percolator.Decide;
import io.kvasir.txn.percolator.Percolator;
import io.kvasir.txn.percolator.Prewrite;
import io.kvasir.txn.percolator.Resolve;
import io.kvasir.txn.percolator.SnapshotRead;
import io.kvasir.txn.percolator.WriteSet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Steps of transactions that arrive in the order that is worst for a rule on fates, guards or the map of databases (K4
 * to K7, K19), which histories meet too seldom, or cannot tell from another order that is right.
 */
final class LateSteps {

    private static final int REGIONS = 3;
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int STEPS_MAX = 15_000;
    private static final int TRIES_MAX = 10;

    /** Less than a lock stands. */
    private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** A lock surely stands for this long. */
    private static final long LOCKED_NANOS = TimeUnit.MILLISECONDS.toNanos(Percolator.TTL_MILLIS - 500);

    private static final Reply GONE = new Reply.Int(Decide.GONE);

    private final SimulatedCluster cluster;
    private final Router gateway;
    private final RouteTable routes;
    private long nextSession = -1_000_000;

    /** @param mutation what is wrong, null if nothing is */
    LateSteps(long seed, @Nullable Mutation mutation) {
        cluster = new SimulatedCluster(seed, REGIONS, mutation);
        cluster.calm();
        gateway = cluster.gateways.getFirst();
        routes = new RouteTable(gateway.regions());
    }

    void check() {
        Prewrite.Wanted guard = new Prewrite.Wanted(stem("guarded"), new WriteSet());
        KeySpan span = new KeySpan(stem("guarded"), KeyLayout.stemEnd(stem("guarded")));
        inTime(this::aPrewriteThatComesAfterTheRollbackCommitsNothing);
        inTime(this::aCommitThatComesAfterTheRollbackCommitsNothing);
        inTime(this::aPrewriteThatComesAgainAfterAllIsOverCommitsNothing);
        inTime(() -> aGuardKeepsWritersAway(List.of(guard), List.of()));
        inTime(() -> aGuardKeepsWritersAway(List.of(), List.of(span)));
        inTime(this::aLockKeepsReadersAndFlushesAway);
        inTime(this::aLockedMapKeepsWritersAndSnapshotsAway);
        inTime(this::aPrewriteOfBeforeAFlushThatComesAfterItWritesNothing);
    }

    /** What fails once the time of locks may be up says nothing: it is waited until they are gone. */
    private void inTime(Runnable steps) {
        long begun = cluster.simulation.nanoTime();
        try {
            steps.run();
        } catch (AssertionError failed) {
            if (cluster.simulation.nanoTime() - begun < LOCKED_NANOS) {
                throw failed;
            }
            cluster.simulation.run(4 * LOCKED_NANOS);
        }
    }

    private void aGuardKeepsWritersAway(List<Prewrite.Wanted> guards, List<KeySpan> spans) {
        long before = value("guarded");
        long start = fetch();
        byte[] stem = stem("guarded");
        byte[] primary = stem(elsewhere("guarded"));
        Prewrite guard = new Prewrite(start, start, 0, primary, List.of(), List.of(), guards, spans, false);
        assertInstanceOf(Reply.Int.class, ask(stem, guard));
        assertEquals(Prewrite.GIVE_WAY, ask(stem, prewrite(fetch(), stem, List.of(stem), stem, false)));
        CompletableFuture<Reply> write = begin(TestProcedure.INCR, "guarded");
        cluster.simulation.run(WAIT_NANOS);
        assertFalse(write.isDone(), "written under a guard");
        assertEquals(before, value("guarded"), "readers pass");
        rollBack(start, primary, stem);
        Reply unused = await(whenDone -> write.thenAccept(whenDone));
    }

    private void aLockKeepsReadersAndFlushesAway() {
        long start = fetch();
        byte[] stem = stem("locked");
        byte[] primary = stem(elsewhere("locked"));
        assertInstanceOf(Reply.Int.class, ask(stem, prewrite(start, primary, List.of(), stem, false)));
        assertEquals(Prewrite.GIVE_WAY, ask(stem, flush(fetch(), stem)));
        CompletableFuture<Reply> read = begin(TestProcedure.GET, "locked");
        cluster.simulation.run(WAIT_NANOS);
        assertFalse(read.isDone(), "read beside a lock");
        long later = fetch();
        List<KeySpan> all = List.of(new KeySpan(stem, KeyLayout.stemEnd(stem)));
        Prewrite span = new Prewrite(later, later, 0, primary, List.of(), List.of(), List.of(), all, false);
        assertEquals(Prewrite.GIVE_WAY, ask(stem, span));
        rollBack(start, primary, stem);
        Reply unused = await(whenDone -> read.thenAccept(whenDone));
    }

    private void aLockedMapKeepsWritersAndSnapshotsAway() {
        long flush = fetch();
        byte[] stem = stem("beside");
        assertInstanceOf(Reply.Int.class, ask(stem, flush(flush, stem)));
        assertEquals(Prewrite.GIVE_WAY, ask(stem, prewrite(fetch(), stem, List.of(stem), stem, false)));
        SnapshotRead.Want root = new SnapshotRead.Want.One(KeyLayout.rootOfStem(stem));
        SnapshotRead read = new SnapshotRead(fetch(), List.of(new Percolator.Mapping(0, 0)), List.of(root));
        CompletableFuture<Reply> seen = new CompletableFuture<>();
        gateway.executeAt(routes.find(stem), read.request(nextSession--), read, seen::complete);
        cluster.simulation.run(WAIT_NANOS);
        assertFalse(seen.isDone(), "read beside a flush that may take place before");
        byte[] map = OwnedKey.mapStem(routes.find(stem).start());
        assertEquals(GONE, ask(stem, new Decide(Decide.Kind.ROLL_BACK, flush, map, 0)));
        Reply unused = await(whenDone -> seen.thenAccept(whenDone));
    }

    private void aPrewriteOfBeforeAFlushThatComesAfterItWritesNothing() {
        long start = fetch();
        assertEquals(Reply.OK, run(TestProcedure.FLUSH, "70000"));
        byte[] stem = stem("flushed");
        Prewrite late = prewrite(start, stem, List.of(stem), stem, true);
        Prewrite mapped = new Prewrite(
                start,
                start,
                0,
                stem,
                late.keys(),
                List.of(new Percolator.Mapping(0, 0)),
                late.locks(),
                List.of(),
                true);
        assertEquals(Prewrite.CONFLICT, ask(stem, mapped));
    }

    /** Returns what locks the map of databases of the range of {@code stem} for a flush. */
    private Prewrite flush(long start, byte[] stem) {
        byte[] map = OwnedKey.mapStem(routes.find(stem).start());
        WriteSet writes = new WriteSet();
        writes.add(new WriteSet.Write.MapInstance(0, 80_000));
        List<Prewrite.Wanted> wanted = List.of(new Prewrite.Wanted(map, writes));
        return new Prewrite(start, start, 0, map, List.of(map), List.of(), wanted, List.of(), false);
    }

    private void rollBack(long start, byte[] primary, byte[] stem) {
        assertEquals(GONE, ask(primary, new Decide(Decide.Kind.ROLL_BACK, start, primary, 0)));
        Reply unused = ask(stem, new Resolve(start, 0));
    }

    private void aPrewriteThatComesAfterTheRollbackCommitsNothing() {
        long start = fetch();
        byte[] stem = stem("late");
        assertEquals(GONE, ask(stem, new Decide(Decide.Kind.ROLL_BACK, start, stem, 0)));
        assertEquals(Prewrite.ROLLED_BACK, ask(stem, prewrite(start, stem, List.of(stem), stem, true)));
        assertEquals(0, value("late"), "written after the rollback");
    }

    private void aCommitThatComesAfterTheRollbackCommitsNothing() {
        long start = fetch();
        byte[] primary = stem("here");
        byte[] other = stem(elsewhere("here"));
        List<byte[]> keys = List.of(primary, other);
        assertEquals(GONE, ask(primary, new Decide(Decide.Kind.ROLL_BACK, start, primary, 0)));
        Reply unused = ask(other, prewrite(start, primary, List.of(), other, false));
        unused = ask(primary, prewrite(start, primary, keys, primary, false));
        long commit = fetch();
        assertEquals(GONE, ask(primary, new Decide(Decide.Kind.COMMIT, start, primary, commit)));
        assertEquals(0, value("here"), "committed after the rollback");
        unused = ask(other, new Resolve(start, 0));
    }

    private void aPrewriteThatComesAgainAfterAllIsOverCommitsNothing() {
        long start = fetch();
        byte[] stem = stem("again");
        Prewrite prewrite = prewrite(start, stem, List.of(stem), stem, true);
        long commit = ((Reply.Int) ask(stem, prewrite)).value();
        assertEquals(new Reply.Int(commit), ask(stem, prewrite), "the same answer once more");
        assertEquals(new Reply.Int(commit), ask(stem, new Decide(Decide.Kind.FORGET, start, stem, 0)));
        assertEquals(1, value("again"));
        Reply unused = run(TestProcedure.TRANSFER, "again", "sink", "1"); // of 1, so that it is removed
        assertEquals(Prewrite.CONFLICT, ask(stem, prewrite));
        assertEquals(0, value("again"), "written twice");
    }

    private Prewrite prewrite(long start, byte[] primary, List<byte[]> keys, byte[] stem, boolean alone) {
        WriteSet writes = new WriteSet();
        byte[] root = KeyLayout.rootOfStem(stem);
        writes.add(new WriteSet.Write.Put(root, TestProcedure.text(1)));
        writes.add(new WriteSet.Write.AddKeys(root, 0, 1));
        List<Prewrite.Wanted> wanted = List.of(new Prewrite.Wanted(stem, writes));
        return new Prewrite(start, start, 0, primary, keys, List.of(), wanted, List.of(), alone);
    }

    private static byte[] stem(String name) {
        return KeyLayout.stem(0, name.getBytes(StandardCharsets.US_ASCII));
    }

    private String elsewhere(String name) {
        for (int i = 0; ; i++) {
            if (!routes.find(stem(name + i)).equals(routes.find(stem(name)))) {
                return name + i;
            }
        }
    }

    private long value(String name) {
        Reply.Array values = (Reply.Array) run(TestProcedure.GET, name);
        return ((Reply.Int) values.elements().getFirst()).value();
    }

    private long fetch() {
        for (int i = 0; i < TRIES_MAX; i++) {
            long timestamp = await(whenDone -> cluster.oracle.fetch(whenDone::accept));
            if (timestamp > 0) {
                return timestamp;
            }
        }
        throw new AssertionError("the oracle does not answer");
    }

    private Reply run(TestProcedure procedure, String... arguments) {
        return answered(whenDone -> begin(procedure, arguments).thenAccept(whenDone));
    }

    private CompletableFuture<Reply> begin(TestProcedure procedure, String... arguments) {
        List<byte[]> all = new ArrayList<>();
        for (String argument : arguments) {
            all.add(argument.getBytes(StandardCharsets.US_ASCII));
        }
        Request request = procedure.request(nextSession--, all.toArray(byte[][]::new));
        CompletableFuture<Reply> reply = new CompletableFuture<>();
        gateway.execute(request, procedure.parse(request), reply::complete);
        return reply;
    }

    private Reply ask(byte[] stem, Percolator.Step step) {
        RegionDescriptor region = routes.find(stem);
        return answered(whenDone -> gateway.executeAt(region, step.request(nextSession--), step, whenDone));
    }

    private Reply answered(Consumer<Consumer<Reply>> question) {
        for (int i = 0; i < TRIES_MAX; i++) {
            Reply reply = await(question);
            boolean lost = reply instanceof Reply.Error(String text)
                    && (text.startsWith("TRYAGAIN") || text.startsWith("UNDETERMINED"));
            if (!lost) {
                return reply;
            }
        }
        throw new AssertionError("no answer");
    }

    private <T> T await(Consumer<Consumer<T>> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        question.accept(answer::complete);
        for (int i = 0; i < STEPS_MAX && !answer.isDone(); i++) {
            cluster.simulation.run(STEP_NANOS);
        }
        assertTrue(answer.isDone(), "no answer at all");
        return answer.join();
    }
}
