package io.kvasir.placement.schedule;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;

/**
 * A leader that should move.
 *
 * @param term in which {@code from} leads; in a later one this means nothing any more
 * @param scheduler who wants it
 * @param reason for people
 */
public record Move(RegionId region, long term, StoreId from, StoreId to, String scheduler, String reason)
        implements Task {

    @Override
    public String kind() {
        return "transfer-leader";
    }

    @Override
    public long timeoutMillis() {
        return Operators.TIMEOUT_MILLIS;
    }
}
