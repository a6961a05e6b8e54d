package io.kvasir.proto.id;

/** Where a range is to be split, as whoever wants it split can say it. Immutable. */
public sealed interface SplitPoint {

    /** Where the one half of its bytes ends, at the start of a slot if there is one not far from there. */
    record Middle() implements SplitPoint {}

    /** @param key first key of the new range: the start of a slot, or the stem of a user key */
    record Bound(byte[] key) implements SplitPoint {}

    /** The new range begins with {@code userKey} of {@code database}, whether that exists or not. */
    record UserKey(int database, byte[] userKey) implements SplitPoint {}
}
