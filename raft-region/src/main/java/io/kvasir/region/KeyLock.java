package io.kvasir.region;

/**
 * A lock on a user key, held by a transaction over several ranges. A range knows who holds what and makes others wait;
 * what the payload says is known to the procedures alone. Arrays are not copied and must not be changed.
 *
 * @param stem the key's stem, or what {@link RangeTransaction#mapStem} returns
 * @param owner start timestamp of the transaction, unique among all
 * @param shared whether others may read the key and lock it in the same way; else nobody else may read or write it
 */
public record KeyLock(byte[] stem, long owner, boolean shared, byte[] payload) {}
