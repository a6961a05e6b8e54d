package io.kvasir.placement.schedule;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.SplitPoint;
import io.kvasir.proto.id.StoreId;

/**
 * A range that should be split.
 *
 * @param term in which {@code from} leads; in a later one this means nothing any more
 * @param version of the range's epoch before the split
 * @param at where the new range begins
 * @param scheduler who wants it
 * @param reason for people
 */
public record Split(
        RegionId region, long term, StoreId from, long version, SplitPoint at, String scheduler, String reason)
        implements Task {

    /** A split that is not applied by then is timed out, in ms: its keys are counted first. */
    public static final long TIMEOUT_MILLIS = 90_000;

    @Override
    public String kind() {
        return "split-region";
    }

    @Override
    public long timeoutMillis() {
        return TIMEOUT_MILLIS;
    }
}
