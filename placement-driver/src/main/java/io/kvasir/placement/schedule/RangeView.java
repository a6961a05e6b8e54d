package io.kvasir.placement.schedule;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A range as schedulers see it.
 *
 * @param version of its epoch: rises when its bounds change
 * @param term in which it is led, 0 if nobody is known to lead it
 * @param voters the stores with a replica that votes
 * @param lags how many entries a voter lacks; those that are not named lack none
 * @param bytes of its newest records, about; 0 if that is not known
 * @param confVersion of its epoch: rises when its voters change
 * @param wanted the stores that are to have a replica in the end; those of {@code voters} if no change is under way
 * @param isChanging whether a change of its replicas is decided and not done yet
 */
public record RangeView(
        RegionId id,
        long version,
        long term,
        Optional<StoreId> leader,
        List<StoreId> voters,
        Map<StoreId, Long> lags,
        long bytes,
        long confVersion,
        List<StoreId> wanted,
        boolean isChanging) {

    /** A replica that lacks more entries is not asked to lead: commands would wait for it. */
    public static final long LAG_ENTRIES_MAX = 1_000;

    /** A range that was never split and whose replicas stay. */
    public RangeView(RegionId id, long term, Optional<StoreId> leader, List<StoreId> voters, Map<StoreId, Long> lags) {
        this(id, Epoch.FIRST.version(), term, leader, voters, lags, 0, Epoch.FIRST.confVersion(), voters, false);
    }

    /** A range whose replicas stay. */
    public RangeView(
            RegionId id,
            long version,
            long term,
            Optional<StoreId> leader,
            List<StoreId> voters,
            Map<StoreId, Long> lags,
            long bytes) {
        this(id, version, term, leader, voters, lags, bytes, Epoch.FIRST.confVersion(), voters, false);
    }

    public RangeView {
        voters = List.copyOf(voters);
        lags = Map.copyOf(lags);
        wanted = List.copyOf(wanted);
    }

    /** Returns whether {@code store} may take the lead from another: it votes, stays, and has all but a little. */
    public boolean mayBeLedBy(StoreId store) {
        return leader.isPresent()
                && !leader.get().equals(store)
                && voters.contains(store)
                && wanted.contains(store)
                && lags.getOrDefault(store, 0L) <= LAG_ENTRIES_MAX;
    }

    /** Returns this range led by {@code store}. */
    RangeView ledBy(StoreId store) {
        return new RangeView(
                id, version, term, Optional.of(store), voters, lags, bytes, confVersion, wanted, isChanging);
    }

    /** Returns this range with {@code change} decided. */
    RangeView wanting(PeerChange change) {
        List<StoreId> next = new ArrayList<>(voters);
        change.remove().ifPresent(next::remove);
        change.add().ifPresent(next::add);
        return new RangeView(id, version, term, leader, voters, lags, bytes, confVersion, next, true);
    }
}
