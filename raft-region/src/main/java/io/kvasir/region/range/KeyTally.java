package io.kvasir.region.range;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * By how much the number of root records at or after a key has changed since some moment, by database instance, as the
 * evaluated commands leave it (rule K33). Confined to the range's owner thread.
 */
final class KeyTally {

    private record Change(int instance, long delta) {}

    private final byte[] from;
    private final Map<Integer, Long> changes = new TreeMap<>();

    /** Of the command that is being evaluated. */
    private final List<Change> pending = new ArrayList<>();

    private boolean spoiled;

    KeyTally(byte[] from) {
        this.from = from;
    }

    /** The command adds {@code delta} root records at {@code key}. */
    void add(byte[] key, int instance, long delta) {
        if (Arrays.compareUnsigned(key, from) >= 0) {
            pending.add(new Change(instance, delta));
        }
    }

    /** The command's effects stay. */
    void keep() {
        pending.forEach(change -> changes.merge(change.instance, change.delta, Long::sum));
        pending.clear();
    }

    /** The command's effects are taken back. */
    void drop() {
        pending.clear();
    }

    /** Something has changed of which nobody knows where, or effects that were kept are lost. */
    void spoil() {
        spoiled = true;
    }

    boolean isSpoiled() {
        return spoiled;
    }

    /** Adds the changes to {@code counts}, which were right at the moment from which this counts. */
    void addTo(Map<Integer, Long> counts) {
        changes.forEach((instance, delta) ->
                counts.merge(instance, delta, (before, added) -> before + added == 0 ? null : before + added));
        counts.values().removeIf(count -> count == 0);
    }
}
