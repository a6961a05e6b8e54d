package io.kvasir.region;

import org.jspecify.annotations.Nullable;

/**
 * A lock on a user key, held by a transaction over several ranges. A range knows who holds what and makes others wait;
 * what the payload says is known to the procedures alone. Arrays are not copied and must not be changed.
 *
 * @param stem the key's stem, or what {@link RangeTransaction#mapStem} or {@link RangeTransaction#spanStem} returns
 * @param owner start timestamp of the transaction, unique among all
 * @param shared whether others may read the key and lock it in the same way; else nobody else may read or write it
 * @param span the keys it locks, present and absent ones, if it is not one key; such a lock is shared
 */
public record KeyLock(
        byte[] stem, long owner, boolean shared, @Nullable KeySpan span, byte[] payload) {

    public KeyLock {
        if (span != null && !shared) {
            throw new IllegalArgumentException("a span is locked shared");
        }
    }

    /** Returns a lock on one user key, or on the map of databases. */
    public static KeyLock of(byte[] stem, long owner, boolean shared, byte[] payload) {
        return new KeyLock(stem, owner, shared, null, payload);
    }
}
