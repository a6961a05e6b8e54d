package io.kvasir.region.range;

import io.kvasir.proto.key.Version;
import java.util.Arrays;

/**
 * Of absent keys, how new the records were that stood there: what tells a key that was absent all the time from one
 * that was created and removed meanwhile, without history (rule K17).
 *
 * <p>For each of {@value #STRIPES} stripes of keys the newest version among the records removed, so it may say "newer"
 * of a key whose neighbour in the stripe was removed, and never "older". What was removed before this replica led is
 * covered by a floor. What a lost batch removed stays noted, on the safe side too. A range that removes nothing holds
 * no stripes. Confined to the range's owner thread.
 */
final class Removals {

    private static final int STRIPES = 4096;

    private static final Version NOTHING = new Version(0, 0);

    private Version floor = NOTHING;

    /** Empty until something is noted. */
    private long[] timestamps = {};

    private int[] ordinals = {};
    private long[] removedAt = {};

    /** Begins anew: whatever was removed had a version of at most {@code timestamp}. */
    void reset(long timestamp) {
        floor = new Version(timestamp, Integer.MAX_VALUE);
        timestamps = new long[0];
        ordinals = new int[0];
        removedAt = new long[0];
    }

    /** Notes that a record of {@code version} at {@code rootKey} is removed at {@code timestamp}. */
    void note(byte[] rootKey, Version version, long timestamp) {
        int stripe = stripe(rootKey);
        if (timestamps.length == 0) {
            timestamps = new long[STRIPES];
            ordinals = new int[STRIPES];
            removedAt = new long[STRIPES];
            Arrays.fill(timestamps, floor.timestamp());
            Arrays.fill(ordinals, floor.ordinal());
            Arrays.fill(removedAt, floor.timestamp());
        }
        removedAt[stripe] = Math.max(removedAt[stripe], timestamp);
        if (at(stripe).compareTo(version) < 0) {
            timestamps[stripe] = version.timestamp();
            ordinals[stripe] = version.ordinal();
        }
    }

    /** Returns a version that no record removed from {@code rootKey} had passed. */
    Version upTo(byte[] rootKey) {
        return at(stripe(rootKey));
    }

    /** Returns a timestamp at or after which nothing was removed from {@code rootKey}. */
    long removedAt(byte[] rootKey) {
        return removedAt.length == 0 ? floor.timestamp() : removedAt[stripe(rootKey)];
    }

    private Version at(int stripe) {
        return timestamps.length == 0 ? floor : new Version(timestamps[stripe], ordinals[stripe]);
    }

    private static int stripe(byte[] rootKey) {
        int hash = Arrays.hashCode(rootKey) * 0x9E3779B9;
        return (hash ^ hash >>> 15) & STRIPES - 1;
    }
}
