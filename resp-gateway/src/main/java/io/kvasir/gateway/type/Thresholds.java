package io.kvasir.gateway.type;

/**
 * The settings by which Redis chooses how it stores a value, of which commands let users see something: what OBJECT
 * ENCODING answers, and the form of a HyperLogLog. They are those of the gateway that the client is connected to.
 * Immutable.
 *
 * @param setIntsetEntries most members of a set of integers that Redis keeps as an intset
 * @param setListpackEntries most members of a set that Redis keeps in a listpack
 * @param setListpackBytes longest member of a set in a listpack
 * @param sparseBytes longest HyperLogLog in the sparse form, in bytes
 */
public record Thresholds(long setIntsetEntries, long setListpackEntries, long setListpackBytes, long sparseBytes) {

    /** The defaults of Redis 7.2. */
    public static final Thresholds DEFAULT = new Thresholds(512, 128, 64, 3_000);
}
