package io.kvasir.region.range;

import io.kvasir.proto.control.HistoryPolicy;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import io.kvasir.region.RangeTransaction;
import io.kvasir.region.Transaction;
import io.kvasir.region.range.HistoryState.Retention;
import io.kvasir.region.time.TimestampSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the ranges that are led here keep of their past what the cluster's policy wants (rule K8): tells each to begin
 * and to end, and moves its horizons to the safe point when something goes by that. A range that nobody writes to hears
 * nothing, and sleeps; its horizons stay behind the safe point then, and it tells more of its past than it must.
 *
 * <p>The time is that of timestamps issued to this process.
 *
 * <p>Safe for any thread; at most one command of a range is under way.
 */
public final class HistoryKeeper {

    private static final Logger LOG = LoggerFactory.getLogger(HistoryKeeper.class);

    /** How often {@link #keep} is to be called, in ms. */
    public static final int KEEP_MILLIS = 1_000;

    /** One stripe: what a read at "now" finds does not change, so the range need not be marked. */
    private static final int[] HASHES = {0};

    private final RangeTable ranges;
    private final TimestampSource time;
    private final long gateway;
    private final AtomicLong generations = new AtomicLong();
    private final Set<RegionId> underWay = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable Learned> learned = new AtomicReference<>();

    private record Learned(long revision, HistoryPolicy policy) {}

    /** @param gateway number of this source of commands, of no other one */
    public HistoryKeeper(RangeTable ranges, TimestampSource time, long gateway) {
        this.ranges = ranges;
        this.time = time;
        this.gateway = gateway;
    }

    /**
     * From here on {@code wanted} is the policy, unless one of a later revision is known; before the first one nothing
     * is done.
     */
    public void learn(long revision, HistoryPolicy wanted) {
        Learned newer = new Learned(revision, wanted);
        Learned unused = learned.updateAndGet(known -> known != null && known.revision > revision ? known : newer);
    }

    /** Begins one command at each range that is led here, is not as the policy says, and has none under way. */
    public void keep() {
        Learned known = learned.get();
        if (known == null) {
            return;
        }
        HistoryPolicy wanted = known.policy;
        long now = time.newestIssued();
        boolean ages = false;
        for (Range range : ranges.all()) {
            if (range.servingTerm() != 0) {
                HistoryState present = range.history();
                ages |= present.holdsSomething();
                List<Effect.KeepPast> changes = changes(present, wanted, now);
                if (!changes.isEmpty() && underWay.add(range.descriptor().id())) {
                    submit(range, changes);
                }
            }
        }
        if (ages) {
            time.fetch(newest -> {}); // so that time goes on here even if nobody writes
        }
    }

    /** Returns what makes a range whose past is {@code present} keep what {@code wanted} says at {@code now}. */
    static List<Effect.KeepPast> changes(HistoryState present, HistoryPolicy wanted, long now) {
        Set<Integer> databases = new TreeSet<>(present.databases().keySet());
        databases.addAll(wanted.retentionMillis().keySet());
        List<Effect.KeepPast> changes = new ArrayList<>();
        List<Effect.KeepPast> moves = new ArrayList<>();
        long floor = Long.MAX_VALUE;
        for (int database : databases) {
            long millis = wanted.retentionMillis().getOrDefault(database, 0L);
            Retention retention = present.databases().get(database);
            if (millis == 0) {
                changes.add(new Effect.KeepPast(database, 0, 0));
            } else if (retention == null) {
                changes.add(new Effect.KeepPast(database, millis, 0));
            } else {
                long horizon = Math.max(retention.horizon(), wanted.safePoint(database, now));
                Effect.KeepPast move = new Effect.KeepPast(database, millis, horizon);
                (retention.millis() == millis ? moves : changes).add(move);
                floor = Math.min(floor, horizon);
            }
        }
        if (changes.isEmpty() && present.canReclaim(floor, now)) {
            return moves.isEmpty() ? List.of(new Effect.KeepPast(0, 0, 0)) : moves;
        }
        return changes;
    }

    private void submit(Range range, List<Effect.KeepPast> changes) {
        RegionId region = range.descriptor().id();
        Request request = new Request("keep-past", 1, 0, 0, 0, Optional.empty(), 0, new byte[0][]);
        range.submit(
                request,
                new Keeping(changes),
                HASHES,
                range.descriptor().epoch().version(),
                new StreamPlace(gateway, generations.incrementAndGet()),
                outcome -> {
                    if (outcome instanceof Outcome.Done(Reply.Error(String text))) {
                        LOG.warn("a range does not keep its past as it should, region={} reason={}", region, text);
                    }
                    underWay.remove(region);
                });
    }

    /** The command. */
    record Keeping(List<Effect.KeepPast> changes) implements Invocation {

        @Override
        public Reply run(Transaction transaction) {
            RangeTransaction range = (RangeTransaction) transaction;
            for (Effect.KeepPast change : changes) {
                range.keepPast(change.database(), change.millis(), change.horizon());
            }
            return Reply.OK;
        }

        @Override
        public boolean readOnly() {
            return false;
        }

        @Override
        public boolean mayGrow() {
            return false;
        }

        @Override
        public boolean boundsItself() {
            return true;
        }

        @Override
        public int database() {
            return 0;
        }

        @Override
        public List<byte[]> userKeys() {
            return List.of();
        }
    }
}
