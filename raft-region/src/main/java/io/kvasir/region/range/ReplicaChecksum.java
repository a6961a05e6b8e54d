package io.kvasir.region.range;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.store.engine.Family;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one replica of a range held at one raft index. Two replicas agree if all but nothing of this differs.
 *
 * @param id number of the request, given by whoever wants to compare
 * @param descriptor the range as the replica knew it at {@code index}
 * @param index raft index of the entry that asked for it
 * @param records number of records covered
 * @param bytes bytes of their keys and values
 * @param digests the first 64 bits of SHA-256 over the records of each family, in key order; of {@link Family#RANGE}
 *     with the descriptor
 */
public record ReplicaChecksum(
        long id, RegionDescriptor descriptor, long index, long records, long bytes, Map<Family, Long> digests) {

    public ReplicaChecksum {
        digests = Map.copyOf(digests);
    }

    /** Returns the digests by family, in the order of the families' numbers. */
    public Map<Family, Long> digestsInOrder() {
        return new TreeMap<>(digests);
    }
}
