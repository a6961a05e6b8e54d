package io.kvasir.region.range;

import java.util.HashMap;
import java.util.Map;

/**
 * Number of root records per database instance as the batches under way will leave it. Taken from the applied state
 * when a chain begins, then kept by evaluation alone. Confined to the range's owner thread.
 */
final class LeaderCounts {

    private final Map<Integer, Long> keys = new HashMap<>();

    void reset(Map<Integer, Long> applied) {
        keys.clear();
        keys.putAll(applied);
    }

    void add(int instance, long delta) {
        keys.merge(instance, delta, (before, added) -> before + added == 0 ? null : before + added);
    }

    long get(int instance) {
        return keys.getOrDefault(instance, 0L);
    }
}
