package io.kvasir.gateway.tracking;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Slot;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.RangeTable;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.Timer;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Watches whether the replicas of this node hear all that their ranges commit, as far as clients have read there: asks
 * the leaders every second how far a replica must be. One that does not get there in time, is gone, or has become
 * another, is in doubt: clients are told to forget all.
 *
 * <p>{@link #follows} is for any thread; what is known of ranges is guarded by this.
 */
public final class StreamWatch {

    private static final int LOOK_MILLIS = 1_000;

    /** How long a replica may not have been known to be level with its leader. */
    private static final long DOUBT_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final int WORD_BITS = Integer.SIZE;

    private final Supplier<List<RegionDescriptor>> regions;
    private final RangeTable local;
    private final Leaders leaders;
    private final Ticker ticker;
    private final Timer timer;

    /** Slots in which somebody may keep something, as bits. */
    private final AtomicIntegerArray read = new AtomicIntegerArray(Slot.COUNT / WORD_BITS);

    private final Map<RegionId, Watched> watched = new HashMap<>();
    private volatile BitSet followed = new BitSet();
    private @Nullable Tracking tracking;

    /** Asks the leader of a range how far its replica here must be. */
    @FunctionalInterface
    public interface Leaders {

        /**
         * Runs {@code level} once the replica of {@code region} here has applied all that was acknowledged to anybody
         * before {@code sinceNanos}, or {@code unknown} if that cannot be found out now; on any thread.
         */
        void whenLevel(RegionDescriptor region, long sinceNanos, Runnable level, Runnable unknown);
    }

    /** A replica, and when it was level last. */
    private static final class Watched {

        final Range range;
        long levelNanos;
        boolean asking;

        /** Whether it was late, and has not been level since. */
        boolean late;

        Watched(Range range, long nowNanos) {
            this.range = range;
            this.levelNanos = nowNanos;
        }
    }

    /**
     * @param regions all regions, as known now
     * @param local the replicas of this node
     */
    public StreamWatch(
            Supplier<List<RegionDescriptor>> regions, RangeTable local, Leaders leaders, Ticker ticker, Timer timer) {
        this.regions = regions;
        this.local = local;
        this.leaders = leaders;
        this.ticker = ticker;
        this.timer = timer;
    }

    /** Looks from now on, for {@code doubting}; called once. */
    synchronized void begin(Tracking doubting) {
        tracking = doubting;
        timer.after(LOOK_MILLIS, this::lookAgain);
    }

    private void lookAgain() {
        look();
        timer.after(LOOK_MILLIS, this::lookAgain);
    }

    /** Returns whether changes in {@code slot} are heard of here; somebody will keep what is read in it. */
    boolean follows(int slot) {
        if (!followed.get(slot)) {
            return false;
        }
        int word = slot / WORD_BITS;
        int bit = 1 << slot % WORD_BITS;
        if ((read.get(word) & bit) == 0) {
            read.accumulateAndGet(word, bit, (a, b) -> a | b);
        }
        return true;
    }

    /** Finds out which ranges can be followed, and has clients forget all if one cannot any more. */
    void look() {
        boolean doubt;
        boolean partly;
        Tracking doubting;
        synchronized (this) {
            doubting = tracking;
            if (doubting == null) {
                return;
            }
            if (doubting.clients() == 0) {
                watched.clear();
                followed = new BitSet();
                return;
            }
            if (doubting.isIdle()) {
                setReads(0);
                if (!doubting.isIdle()) {
                    setReads(-1); // somebody has read in between, and it is not known where
                }
            }
            BitSet now = new BitSet();
            now.set(0, Slot.COUNT);
            doubt = false;
            for (RegionDescriptor region : regions.get()) {
                doubt |= !look(region, doubting.broadcasts(), now);
            }
            followed = now;
            partly = now.cardinality() < Slot.COUNT;
            if (doubt) {
                setReads(0);
            }
        }
        if (doubt) {
            doubting.forgetAll();
        } else if (partly) {
            doubting.forgetBroadcast();
        }
    }

    /** Looks at one region; returns whether no change in it was missed that somebody should have heard of. */
    private boolean look(RegionDescriptor region, boolean broadcasts, BitSet now) {
        Optional<Range> range = local.find(region.id());
        Watched known = watched.get(region.id());
        long nanos = ticker.nanoTime();
        boolean wanted = broadcasts || isRead(region);
        if (range.isEmpty()) {
            watched.remove(region.id());
            now.clear(region.firstSlot(), lastSlot(region) + 1);
            return known == null || !wanted;
        }
        boolean another = known != null && known.range != range.get();
        if (known == null || another) {
            known = new Watched(range.get(), nanos);
            watched.put(region.id(), known);
        }
        if (!wanted && !known.late) {
            known.levelNanos = nanos;
            return true;
        }
        ask(region, known, nanos);
        known.late |= nanos - known.levelNanos > DOUBT_NANOS;
        if (known.late) {
            now.clear(region.firstSlot(), lastSlot(region) + 1);
        }
        return !wanted || !another && !known.late;
    }

    private void ask(RegionDescriptor region, Watched replica, long nanos) {
        if (replica.asking) {
            return;
        }
        replica.asking = true;
        leaders.whenLevel(region, nanos, () -> level(replica, nanos), () -> unknown(replica));
    }

    private synchronized void level(Watched replica, long nanos) {
        replica.asking = false;
        replica.late = false;
        replica.levelNanos = nanos;
    }

    private synchronized void unknown(Watched replica) {
        replica.asking = false;
    }

    private boolean isRead(RegionDescriptor region) {
        for (int slot = region.firstSlot(); slot <= lastSlot(region); slot++) {
            if ((read.get(slot / WORD_BITS) & 1 << slot % WORD_BITS) != 0) {
                return true;
            }
        }
        return false;
    }

    private void setReads(int word) {
        for (int i = 0; i < read.length(); i++) {
            read.set(i, word);
        }
    }

    /** Returns the last slot of which {@code region} may hold keys. */
    private static int lastSlot(RegionDescriptor region) {
        byte[] end = region.end();
        if (end.length < 2) {
            return Slot.COUNT - 1;
        }
        return Math.min(Slot.COUNT - 1, end.length == 2 ? KeyLayout.slotOf(end) - 1 : KeyLayout.slotOf(end));
    }
}
