package io.kvasir.txn;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Invocation;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.RangeTable;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.Timer;
import io.kvasir.txn.percolator.ReadPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Reads that the replicas of this store answer, leaders or not.
 *
 * <p><b>Model.</b> A replica is <em>level</em> with an instant of this process' monotonic clock if it has applied all
 * that was acknowledged to anybody before it. To get level with the instant at which it asks, it asks the leader for a
 * {@link ReadPoint} and waits until it has applied that. A read says with which instant the replica must be level: now
 * for a strict one, some time ago for a bounded one. One question serves all reads that wait for instants before it. No
 * clock is compared with another one.
 *
 * <p>What is applied may be newer than the point: the read then stands in the one order at the newest timestamp
 * applied, which was issued before its reply and below which it sees everything. A key with a lock is not answered
 * here.
 *
 * <p>Safe for any thread.
 */
final class ReplicaReads {

    /** Looks at how far a replica is until the leader is asked for the read itself. */
    private static final int LOOKS_MAX = 100;

    private static final int LOOK_MILLIS = 2;

    private final Participants participants;
    private final RangeTable local;
    private final Ticker ticker;
    private final Timer timer;
    private final ConcurrentHashMap<RegionId, Progress> progress = new ConcurrentHashMap<>();

    ReplicaReads(Participants participants, RangeTable local, Ticker ticker, Timer timer) {
        this.participants = participants;
        this.local = local;
        this.ticker = ticker;
        this.timer = timer;
    }

    /**
     * Runs {@code invocation}, a read, over the replica of {@code region} here.
     *
     * @param since the instant that it must be level with; empty if any that it has ever been level with will do
     * @param whenRead gets the reply; or else {@code otherwise} is run. One of them once, on any thread, perhaps before
     *     this returns
     */
    void read(
            RegionDescriptor region,
            Invocation invocation,
            OptionalLong since,
            Consumer<Reply> whenRead,
            Runnable otherwise) {
        Optional<Range> found = local.find(region.id());
        if (found.isEmpty()
                || found.get().servingTerm() != 0
                || found.get().descriptor().epoch().version() != region.epoch().version()) {
            otherwise.run(); // nobody here knows, or the leader is here and needs no question
            return;
        }
        Range range = found.get();
        progress(region, range)
                .await(new Waiting(since, () -> answer(range, invocation, whenRead, otherwise), otherwise));
    }

    /**
     * Runs {@code level} once the replica of {@code region} here, leader or not, is level with {@code sinceNanos}, or
     * {@code unknown} if it has not got there; one of them once, on any thread.
     */
    void whenLevel(RegionDescriptor region, long sinceNanos, Runnable level, Runnable unknown) {
        Optional<Range> found = local.find(region.id());
        if (found.isEmpty()) {
            unknown.run();
        } else {
            progress(region, found.get()).await(new Waiting(OptionalLong.of(sinceNanos), level, unknown));
        }
    }

    /** A replica that was removed and came back, or whose range was split, has yet to get level. */
    private Progress progress(RegionDescriptor region, Range range) {
        return progress.compute(region.id(), (id, old) -> {
            boolean same = old != null
                    && old.range == range
                    && old.region.epoch().version() == region.epoch().version();
            return same ? old : new Progress(region, range);
        });
    }

    private static void answer(Range range, Invocation invocation, Consumer<Reply> whenRead, Runnable otherwise) {
        Reply reply = range.readApplied(invocation);
        if (reply == null) {
            otherwise.run();
        } else {
            whenRead.accept(reply);
        }
    }

    /** A read that waits for its replica. */
    private record Waiting(OptionalLong since, Runnable read, Runnable otherwise) {}

    /** With which instant a replica is level. Guarded by this, but for what never changes. */
    private final class Progress {

        private final RegionDescriptor region;
        private final Range range;
        private final List<Waiting> waiting = new ArrayList<>();
        private boolean asking;
        private boolean wasLevel;
        private long levelNanos;

        Progress(RegionDescriptor region, Range range) {
            this.region = region;
            this.range = range;
        }

        void await(Waiting one) {
            boolean level;
            boolean ask = false;
            synchronized (this) {
                level = isEnough(one);
                if (!level) {
                    waiting.add(one);
                    ask = !asking;
                    asking = true;
                }
            }
            if (level) {
                one.read.run();
            } else if (ask) {
                ask();
            }
        }

        private boolean isEnough(Waiting one) {
            return wasLevel && (one.since.isEmpty() || levelNanos - one.since.getAsLong() >= 0);
        }

        private void ask() {
            long asked = ticker.nanoTime();
            var unused = participants.call(region, new ReadPoint()).thenAccept(reply -> {
                if (reply instanceof Reply.Int(long timestamp)) {
                    look(asked, timestamp, LOOKS_MAX);
                } else {
                    giveUp();
                }
            });
        }

        private void look(long asked, long timestamp, int looks) {
            if (range.appliedTimestamp() >= timestamp) {
                level(asked);
            } else if (looks == 0) {
                giveUp();
            } else {
                timer.after(LOOK_MILLIS, () -> look(asked, timestamp, looks - 1));
            }
        }

        private void level(long nanos) {
            List<Waiting> served = new ArrayList<>();
            boolean again;
            synchronized (this) {
                levelNanos = nanos;
                wasLevel = true;
                waiting.removeIf(one -> isEnough(one) && served.add(one));
                again = !waiting.isEmpty();
                asking = again;
            }
            served.forEach(one -> one.read.run());
            if (again) {
                ask();
            }
        }

        private void giveUp() {
            List<Waiting> all;
            synchronized (this) {
                all = List.copyOf(waiting);
                waiting.clear();
                asking = false;
            }
            all.forEach(one -> one.otherwise.run());
        }
    }
}
