package io.kvasir.tools.server;

import io.kvasir.gateway.session.ClusterView;
import io.kvasir.gateway.session.NodeActions;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.RangeTable;
import io.kvasir.region.time.Timer;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives what this store leads to other stores, a few ranges at a time, each to the replica on the store that was given
 * fewest so far. A range that cannot be given away is tried again a few times. Safe for any thread.
 */
final class LeaderExit implements NodeActions.HandOver {

    /** Ranges that are given away at a time. */
    static final int TRANSFERS_MAX = 8;

    /** How often a range is tried. */
    static final int TRIES_MAX = 5;

    /** From the end of one step to the next, in ms. */
    private static final long PAUSE_MILLIS = 50;

    private static final Logger LOG = LoggerFactory.getLogger(LeaderExit.class);

    private final StoreId self;
    private final RangeTable ranges;
    private final Function<ClusterView.Node, Optional<StoreId>> stores;
    private final Timer timer;

    /** @param stores which store a node is */
    LeaderExit(StoreId self, RangeTable ranges, Function<ClusterView.Node, Optional<StoreId>> stores, Timer timer) {
        this.self = self;
        this.ranges = ranges;
        this.stores = stores;
        this.timer = timer;
    }

    @Override
    public void begin(Optional<ClusterView.Node> to, BooleanSupplier goesOn, Runnable whenDone) {
        Optional<StoreId> only = to.flatMap(stores);
        if (to.isPresent() && only.isEmpty()) {
            whenDone.run();
        } else {
            new Exit(only, goesOn, whenDone).step();
        }
    }

    /** One after the other: a step ends before the next begins. Confined to the step under way. */
    private final class Exit {

        private final Optional<StoreId> only;
        private final BooleanSupplier goesOn;
        private final Runnable whenDone;
        private final Map<RegionId, Integer> tries = new HashMap<>();
        private final Map<StoreId, Integer> given = new HashMap<>();

        Exit(Optional<StoreId> only, BooleanSupplier goesOn, Runnable whenDone) {
            this.only = only;
            this.goesOn = goesOn;
            this.whenDone = whenDone;
        }

        synchronized void step() {
            List<Range> next = ranges.all().stream()
                    .filter(range -> range.servingTerm() != 0 && target(range).isPresent())
                    .filter(range -> tries.getOrDefault(range.descriptor().id(), 0) < TRIES_MAX)
                    .limit(TRANSFERS_MAX)
                    .toList();
            if (next.isEmpty() || !goesOn.getAsBoolean()) {
                LOG.info("leaders were given away, by store={} tried={}", given, tries.size());
                whenDone.run();
                return;
            }
            AtomicInteger left = new AtomicInteger(next.size());
            for (Range range : next) {
                StoreId to = target(range).orElseThrow();
                tries.merge(range.descriptor().id(), 1, Integer::sum);
                given.merge(to, 1, Integer::sum);
                range.transferLeadership(to, _ -> {
                    if (left.decrementAndGet() == 0) {
                        timer.after(PAUSE_MILLIS, this::step);
                    }
                });
            }
        }

        private Optional<StoreId> target(Range range) {
            return range.descriptor().voters().stream()
                    .map(ReplicaId::store)
                    .filter(store ->
                            !store.equals(self) && only.map(store::equals).orElse(true))
                    .min(Comparator.comparingInt((StoreId store) -> given.getOrDefault(store, 0))
                            .thenComparingLong(range::lag));
        }
    }
}
