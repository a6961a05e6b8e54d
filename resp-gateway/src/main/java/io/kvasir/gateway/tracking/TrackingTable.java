package io.kvasir.gateway.tracking;

import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The keys that clients have read and may keep, and who did. Safe for any thread. */
final class TrackingTable {

    /** Memory of one key and who has read it beside the bytes of its name, about. */
    private static final int KEY_BYTES = 160;

    private final ConcurrentHashMap<String, Interest> byKey = new ConcurrentHashMap<>();
    private final LongAdder items = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongSupplier keysMax;
    private final long bytesMax;

    /** Goes round the table; null at first. Guarded by this. */
    private @Nullable Iterator<String> hand;

    /**
     * @param keysMax most keys, 0 for no such bound
     * @param bytesMax most bytes of memory, about
     */
    TrackingTable(LongSupplier keysMax, long bytesMax) {
        this.keysMax = keysMax;
        this.bytesMax = bytesMax;
    }

    void add(String key, Interest interest) {
        byKey.compute(key, (_, there) -> {
            if (there == null) {
                bytes.add(KEY_BYTES + key.length());
            }
            int before = there == null ? 0 : members(there).size();
            Interest both = there == null ? interest : with(there, interest);
            items.add(members(both).size() - before);
            return both;
        });
    }

    /** Ends {@code read} at {@code key}, and keeps its client there if {@code keep}; returns whether it was there. */
    boolean settle(String key, TrackedRead read, boolean keep) {
        boolean[] found = new boolean[1];
        byKey.computeIfPresent(key, (_, there) -> {
            int before = members(there).size();
            Interest left = without(there, read);
            found[0] = left != there || before > members(there).size();
            if (found[0] && keep) {
                left = left == null ? read.tracker : with(left, read.tracker);
            }
            items.add((left == null ? 0 : members(left).size()) - before);
            if (left == null) {
                bytes.add(-KEY_BYTES - key.length());
            }
            return left;
        });
        return found[0];
    }

    /** Forgets {@code key} and returns who is to hear of it. */
    Collection<Interest> take(String key) {
        Interest there = byKey.remove(key);
        if (there == null) {
            return List.of();
        }
        items.add(-members(there).size());
        bytes.add(-KEY_BYTES - key.length());
        return members(there);
    }

    /** Forgets all that is there; what is added meanwhile may stay. */
    void clear() {
        byKey.keySet().forEach(this::take);
    }

    /** Returns a key that must go so that the table keeps its bounds, null if none must. */
    @Nullable
    String surplus() {
        long max = keysMax.getAsLong();
        if ((max == 0 || byKey.mappingCount() <= max) && bytes.sum() <= bytesMax) {
            return null;
        }
        synchronized (this) {
            if (hand == null || !hand.hasNext()) {
                hand = byKey.keySet().iterator();
            }
            return hand.hasNext() ? hand.next() : null;
        }
    }

    boolean isEmpty() {
        return byKey.isEmpty();
    }

    long keys() {
        return byKey.mappingCount();
    }

    long items() {
        return items.sum();
    }

    private static Interest with(Interest there, Interest more) {
        if (there instanceof Interest.Several(Set<Interest> all)) {
            all.add(more);
            return there;
        }
        return there == more ? there : new Interest.Several(new HashSet<>(List.of(there, more)));
    }

    private static @Nullable Interest without(Interest there, Interest gone) {
        if (there instanceof Interest.Several(Set<Interest> all)) {
            all.remove(gone);
            return all.isEmpty() ? null : there;
        }
        return there == gone ? null : there;
    }

    private static Collection<Interest> members(Interest there) {
        return there instanceof Interest.Several(Set<Interest> all) ? all : List.of(there);
    }
}
