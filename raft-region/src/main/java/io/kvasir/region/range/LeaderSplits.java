package io.kvasir.region.range;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.SplitPoint;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.Request;
import io.kvasir.region.raft.RaftGroup;
import io.kvasir.region.time.Ticker;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The split that a range's leader is asked for, at most one at a time.
 *
 * <p><b>Model.</b> A split is a command that the range gives itself, alone in its batch; what is evaluated after it
 * waits until it is applied. It carries how many keys go (rule K33), which takes long to count. So the range rests
 * twice, for as long as the batches under way need: first to take a snapshot of the engine and to begin a tally of what
 * changes behind the split key; then, when the keys of the snapshot are counted, to propose.
 *
 * <p><b>What stands in the way.</b> A lock on a span of keys or on the map of databases guards keys of both halves and
 * is recorded in one; a split waits until there is none. A reader that has pinned the range would lose half of it; then
 * the split is refused.
 *
 * <p><b>Lease.</b> It is not renewed from the proposal until the split is applied here (rule K3).
 *
 * <p>Confined to the range's owner thread but for {@link #isUnderWay}.
 */
final class LeaderSplits {

    /** A split that is not proposed by then is given up, in ns. */
    static final long OVERDUE_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** How long a split that something stands in the way of lets the range go on, in ns. */
    private static final long BLOCKED_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** Counts that other changes spoil. */
    private static final int COUNTS_MAX = 5;

    /** Records that are counted with one cursor, in bytes. */
    private static final long CURSOR_BYTES_MAX = 16 << 20;

    private static final byte[] NO_BOUND = {};

    private static final String TOO_BUSY = "too much waits for the disk";

    private static final long OWN_GATEWAY = Long.MIN_VALUE + 1;
    private static final int[] NO_KEY = {0};

    private enum Stage {
        UNCOUNTED,
        COUNTING,
        COUNTED,
        PROPOSED
    }

    /** A split that is asked for. */
    private static final class Course {

        private final RegionId id;
        private final byte[] at;
        private final List<ReplicaId> voters;
        private final long sinceNanos;
        private final Consumer<Optional<String>> whenDone;
        private Stage stage = Stage.UNCOUNTED;
        private long notBefore;
        private int counts;
        private SortedMap<Integer, Long> keys = new TreeMap<>();
        private @Nullable KeyTally tally;

        private Course(RegionId id, byte[] at, List<ReplicaId> voters, long now, Consumer<Optional<String>> whenDone) {
            this.id = id;
            this.at = at;
            this.voters = voters;
            this.sinceNanos = now;
            this.notBefore = now;
            this.whenDone = whenDone;
        }
    }

    private final ReplicaState state;
    private final Engine engine;
    private final Owner owner;
    private final Ticker ticker;
    private final ReadPool readPool;
    private final CommandEnds ends;
    private final PinnedViews views;
    private final Consumer<@Nullable KeyTally> tallyBy;
    private final Supplier<RaftGroup> group;
    private final Runnable turn;

    private long commands;

    /** Written by the owner, read by any thread. */
    private volatile @Nullable Course course;

    /**
     * @param tallyBy has what commands change counted
     * @param turn has the owner go on
     */
    LeaderSplits(
            ReplicaState state,
            Range.Surroundings around,
            CommandEnds ends,
            PinnedViews views,
            Consumer<@Nullable KeyTally> tallyBy,
            Supplier<RaftGroup> group,
            Runnable turn) {
        this.state = state;
        this.engine = around.engine();
        this.owner = around.owner();
        this.ticker = around.ticker();
        this.readPool = around.readPool();
        this.ends = ends;
        this.views = views;
        this.tallyBy = tallyBy;
        this.group = group;
        this.turn = turn;
    }

    /** Returns whether a split is asked for and not over. Any thread. */
    boolean isUnderWay() {
        return course != null;
    }

    /** Begins a split; {@code whenDone} gets why it did not come about, empty if it is applied, exactly once. */
    void begin(RegionId id, SplitPoint point, List<ReplicaId> voters, Consumer<Optional<String>> whenDone) {
        switch (point) {
            case SplitPoint.Bound(byte[] key) -> begin(id, key, voters, whenDone);
            case SplitPoint.UserKey(int database, byte[] userKey) ->
                begin(id, KeyLayout.stem(state.instance(database), userKey), voters, whenDone);
            case SplitPoint.Middle() -> throw new IllegalArgumentException("the middle is to be found first");
        }
    }

    /** Looks for the middle of the range beside the owner and gives it to {@code then}, else why not to the other. */
    void findMiddle(Consumer<SplitPoint> then, Consumer<Optional<String>> objected) {
        AtomicReference<Optional<byte[]>> middle = new AtomicReference<>(Optional.empty());
        RegionDescriptor range = state.descriptor();
        boolean accepted = readPool.runLong(() -> middle.set(MiddleKey.find(engine, range)), () -> middle.get()
                .ifPresentOrElse(
                        at -> then.accept(new SplitPoint.Bound(at)),
                        () -> objected.accept(Optional.of("the range holds the records of one key"))));
        if (!accepted) {
            objected.accept(Optional.of(TOO_BUSY));
        }
    }

    private void begin(RegionId id, byte[] at, List<ReplicaId> voters, Consumer<Optional<String>> whenDone) {
        Optional<String> objection = objection(at, voters);
        if (objection.isPresent()) {
            whenDone.accept(objection);
            return;
        }
        course = new Course(id, at, voters, ticker.nanoTime(), whenDone);
        turn.run();
    }

    private Optional<String> objection(byte[] at, List<ReplicaId> voters) {
        RegionDescriptor range = state.descriptor();
        if (course != null) {
            return Optional.of("the range is being split already");
        }
        if (at.length != KeyLayout.slotStart(0).length && KeyLayout.findStemLength(at) != at.length) {
            return Optional.of("a range is split between slots or user keys");
        }
        if (!range.contains(at) || Arrays.equals(range.start(), at)) {
            return Optional.of("the range does not reach to both sides of that key");
        }
        if (!stores(voters).equals(stores(range.voters()))) {
            return Optional.of("the new range is to be on other stores than the range");
        }
        return pinned();
    }

    private static List<Long> stores(List<ReplicaId> voters) {
        return voters.stream().map(voter -> voter.store().value()).sorted().toList();
    }

    /** Returns what keeps the range whole, if something does. */
    private Optional<String> pinned() {
        return views.areInUse() ? Optional.of("an export is reading the range") : Optional.empty();
    }

    /** Returns whether a split is to go on when all batches under way have ended. */
    boolean wantsRest() {
        Course now = course;
        if (now == null || now.stage == Stage.COUNTING || now.stage == Stage.PROPOSED) {
            return false;
        }
        if (ticker.nanoTime() - now.sinceNanos > OVERDUE_NANOS) {
            fail("it could not begin within " + TimeUnit.NANOSECONDS.toSeconds(OVERDUE_NANOS) + " s");
            return false;
        }
        return ticker.nanoTime() - now.notBefore >= 0;
    }

    /** Goes on, no batch being under way; returns the command that is the next batch, null if there is none yet. */
    @Nullable
    PendingCommand atRest() {
        Course now = course;
        if (now == null) {
            return null;
        }
        KeyTally tally = now.tally;
        if (now.stage == Stage.UNCOUNTED) {
            count(now);
            return null;
        }
        if (tally == null || tally.isSpoiled()) {
            now.stage = Stage.UNCOUNTED;
            return null;
        }
        if (pinned().isPresent()) {
            fail(pinned().get());
            return null;
        }
        if (state.locks().coversMore()) {
            now.notBefore = ticker.nanoTime() + BLOCKED_NANOS;
            return null;
        }
        SortedMap<Integer, Long> keys = new TreeMap<>(now.keys);
        tally.addTo(keys);
        return propose(now, keys);
    }

    /** Begins to count the keys behind the split as they are now; what changes from here on is tallied. */
    private void count(Course now) {
        if (now.counts++ == COUNTS_MAX) {
            fail("its keys could not be counted: large commands change them all the time");
            return;
        }
        now.stage = Stage.COUNTING;
        now.tally = new KeyTally(now.at);
        tallyBy.accept(now.tally);
        Engine.Snapshot snapshot = engine.snapshot();
        byte[] end = state.descriptor().end();
        SortedMap<Integer, Long> found = new TreeMap<>();
        boolean accepted = readPool.runLong(
                () -> countRoots(snapshot, now.at, end, found), () -> owner.execute(() -> counted(now, found)));
        if (!accepted) {
            snapshot.close();
            fail(TOO_BUSY);
        }
    }

    /** A thread that may wait. A cursor keeps memtables alive that have been flushed, so none is used for long. */
    private static void countRoots(Engine.Snapshot snapshot, byte[] from, byte[] to, SortedMap<Integer, Long> found) {
        try (snapshot) {
            byte[] next = from;
            while (next.length != 0) {
                next = countSome(snapshot, next, to, found);
            }
        }
    }

    /** Returns the key from which to go on, empty at the end. */
    private static byte[] countSome(Engine.Snapshot snapshot, byte[] from, byte[] to, SortedMap<Integer, Long> found) {
        long bytes = 0;
        try (Engine.Cursor records = snapshot.bulkCursor(Family.NEWEST, from, to)) {
            while (records.next()) {
                byte[] key = records.key();
                if (KeyLayout.isRoot(key)) {
                    found.merge(KeyLayout.instanceOf(key), 1L, Long::sum);
                }
                bytes += key.length + records.value().length;
                if (bytes > CURSOR_BYTES_MAX) {
                    return Arrays.copyOf(key, key.length + 1);
                }
            }
        }
        return NO_BOUND;
    }

    private void counted(Course then, SortedMap<Integer, Long> found) {
        if (course == then && then.stage == Stage.COUNTING) {
            then.keys = found;
            then.stage = Stage.COUNTED;
            turn.run();
        }
    }

    private PendingCommand propose(Course now, SortedMap<Integer, Long> keys) {
        RegionDescriptor range = state.descriptor();
        Epoch epoch = new Epoch(Epoch.FIRST.confVersion(), range.epoch().version() + 1);
        Effect.Split split =
                new Effect.Split(new RegionDescriptor(now.id, now.at, range.end(), epoch, now.voters), keys);
        long number = ++commands;
        PendingCommand command = new PendingCommand(
                new Request("SPLIT", 1, 0, number, 0, Optional.empty(), 0, new byte[0][]),
                new OwnInvocation(
                        transaction -> {
                            transaction.split(split);
                            return Reply.OK;
                        },
                        false),
                NO_KEY,
                new StreamPlace(OWN_GATEWAY, number),
                outcome -> ended(now, outcome));
        command.epochVersion = range.epoch().version();
        ends.admitOwn(command);
        now.stage = Stage.PROPOSED;
        tallyBy.accept(null);
        group.get().holdLeaseRenewal(true);
        return command;
    }

    /** The log has told what became of the split. Any thread. */
    private void ended(Course now, Outcome outcome) {
        group.get().holdLeaseRenewal(false);
        owner.execute(() -> {
            if (course == now) {
                course = null;
            }
            now.whenDone.accept(
                    outcome instanceof Outcome.Done(Reply reply) && reply.equals(Reply.OK)
                            ? Optional.empty()
                            : Optional.of("the leader lost the lead"));
            turn.run();
        });
    }

    /** What was evaluated and not applied is lost. */
    void reset() {
        Course now = course;
        if (now != null && now.tally != null) {
            now.tally.spoil();
        }
    }

    /** Gives up what is not proposed. */
    void stepDown() {
        Course now = course;
        if (now != null && now.stage != Stage.PROPOSED) {
            fail("the leader lost the lead");
        }
    }

    private void fail(String why) {
        Course now = course;
        course = null;
        tallyBy.accept(null);
        if (now != null) {
            now.whenDone.accept(Optional.of(why));
        }
    }
}
