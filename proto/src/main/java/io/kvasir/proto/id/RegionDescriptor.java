package io.kvasir.proto.id;

import io.kvasir.proto.key.KeyLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a region is: its number, its half-open range of stored keys, its epoch and its voters.
 *
 * @param start first key, inclusive; empty at the start of the key space
 * @param end first key beyond it; empty at the end of the key space
 * @param voters replicas that vote, ordered by store, at most one a store
 */
public record RegionDescriptor(RegionId id, byte[] start, byte[] end, Epoch epoch, List<ReplicaId> voters) {

    public RegionDescriptor {
        start = start.clone();
        end = end.clone();
        voters = voters.stream().sorted().toList();
        if (end.length > 0 && Arrays.compareUnsigned(start, end) >= 0) {
            throw new IllegalArgumentException("region " + id + " is empty: its end is not after its start");
        }
        if (voters.stream().map(ReplicaId::store).distinct().count() != voters.size()) {
            throw new IllegalArgumentException("region " + id + " has two replicas on one store: " + voters);
        }
    }

    /** Returns whether {@code key} lies in this region. */
    public boolean contains(byte[] key) {
        return Arrays.compareUnsigned(key, start) >= 0 && (end.length == 0 || Arrays.compareUnsigned(key, end) < 0);
    }

    /** Returns the first slot of which this region may hold keys. */
    public int firstSlot() {
        return start.length < 2 ? 0 : KeyLayout.slotOf(start);
    }

    /** Returns the replica on {@code store}, if there is one. */
    public Optional<ReplicaId> replicaOn(StoreId store) {
        return voters.stream().filter(replica -> replica.store().equals(store)).findFirst();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RegionDescriptor that
                && id.equals(that.id)
                && Arrays.equals(start, that.start)
                && Arrays.equals(end, that.end)
                && epoch.equals(that.epoch)
                && voters.equals(that.voters);
    }

    @Override
    public int hashCode() {
        return 31 * id.hashCode() + epoch.hashCode();
    }
}
