package io.kvasir.placement.schedule;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import java.util.Optional;

/**
 * A change of the replicas of a range: one comes, one goes, or one takes the place of another.
 *
 * @param term in which {@code from} leads; the change outlives it, whoever leads goes on with it
 * @param from the store that leads when the change begins
 * @param confVersion of the range's epoch before the change
 * @param add the store that is to have a replica
 * @param remove the store that is to have none
 * @param scheduler who wants it
 * @param reason for people
 */
public record PeerChange(
        RegionId region,
        long term,
        StoreId from,
        long confVersion,
        Optional<StoreId> add,
        Optional<StoreId> remove,
        String scheduler,
        String reason)
        implements Task {

    /** A change that has not come about by then is taken back, in ms: a replica may have to be copied first. */
    public static final long TIMEOUT_MILLIS = 10 * 60_000;

    public PeerChange {
        if (add.isEmpty() && remove.isEmpty() || add.equals(remove)) {
            throw new IllegalArgumentException("a change of no replica of " + region);
        }
    }

    @Override
    public String kind() {
        if (add.isEmpty()) {
            return "remove-peer";
        }
        return remove.isEmpty() ? "add-peer" : "transfer-peer";
    }

    @Override
    public long timeoutMillis() {
        return TIMEOUT_MILLIS;
    }
}
