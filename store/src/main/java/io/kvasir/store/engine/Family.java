package io.kvasir.store.engine;

/** The families of records of a store. Numbers are part of the raft entry and of the snapshot format; never reused. */
public enum Family {
    /** Newest committed version of each record, at its plain key: {@code [version (12)][payload]}. */
    NEWEST(1),
    /** Replaced versions under (key, timestamp at which it was replaced), see rule K8. */
    HISTORY(2),
    /** Locks of multi-range transactions. */
    LOCK(3),
    /** Fates of multi-range transactions, see rules K5 and K6. */
    FATE(4),
    /** Expiry index: (expiry in ms (8), root key), empty value; spans all ranges of the store. */
    EXPIRY(5),
    /** Apply state, descriptor, counts and instance map of each range. */
    RANGE(6);

    private final int number;

    Family(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /**
     * Returns the family numbered {@code number}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Family numbered(int number) {
        return switch (number) {
            case 1 -> NEWEST;
            case 2 -> HISTORY;
            case 3 -> LOCK;
            case 4 -> FATE;
            case 5 -> EXPIRY;
            case 6 -> RANGE;
            default -> throw new IllegalArgumentException("no family " + number);
        };
    }
}
