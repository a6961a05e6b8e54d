package io.kvasir.region.range;

import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.KeyHash;
import io.kvasir.region.Awaiting;
import java.util.Arrays;
import java.util.List;

/**
 * How a command waits for data at a range (rule K31).
 *
 * @param id which wait of which gateway it is
 * @param from the store that the gateway is in
 * @param since the timestamp at which the client began to wait: who waits longer is served first
 * @param awaiting the command
 * @param peeks whether it takes nothing, but hears when there is something to take: it waits in several ranges
 */
record Wait(Id id, StoreId from, long since, Awaiting awaiting, boolean peeks) {

    private static final int[] NONE = {};

    /** A wait by the number its gateway gave it. */
    record Id(long gateway, long number) {}

    /** Returns the hashes of the keys that it may write and does not wait for. */
    int[] keptHashes() {
        List<byte[]> awaited = awaiting.awaitedKeys();
        if (awaited.size() == awaiting.userKeys().size()) {
            return NONE;
        }
        return awaiting.userKeys().stream()
                .filter(key -> awaited.stream().noneMatch(other -> Arrays.equals(key, other)))
                .mapToInt(KeyHash::of)
                .toArray();
    }
}
