package io.kvasir.placement.schedule;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
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
 */
public record RangeView(
        RegionId id,
        long version,
        long term,
        Optional<StoreId> leader,
        List<StoreId> voters,
        Map<StoreId, Long> lags,
        long bytes) {

    /** A replica that lacks more entries is not asked to lead: commands would wait for it. */
    public static final long LAG_ENTRIES_MAX = 1_000;

    /** A range that was never split. */
    public RangeView(RegionId id, long term, Optional<StoreId> leader, List<StoreId> voters, Map<StoreId, Long> lags) {
        this(id, Epoch.FIRST.version(), term, leader, voters, lags, 0);
    }

    public RangeView {
        voters = List.copyOf(voters);
        lags = Map.copyOf(lags);
    }

    /** Returns whether {@code store} may take the lead from another: it votes, and has all but a little. */
    public boolean mayBeLedBy(StoreId store) {
        return leader.isPresent()
                && !leader.get().equals(store)
                && voters.contains(store)
                && lags.getOrDefault(store, 0L) <= LAG_ENTRIES_MAX;
    }

    /** Returns this range led by {@code store}. */
    RangeView ledBy(StoreId store) {
        return new RangeView(id, version, term, Optional.of(store), voters, lags, bytes);
    }
}
