package io.kvasir.proto.id;

/** The number of a store, given once by the placement driver and never reused; at least 1. */
public record StoreId(long value) implements Comparable<StoreId> {

    public StoreId {
        if (value < 1) {
            throw new IllegalArgumentException("store id " + value + " is below 1");
        }
    }

    @Override
    public int compareTo(StoreId other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return "s" + value;
    }
}
