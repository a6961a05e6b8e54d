package io.kvasir.proto.id;

/**
 * The number of a raft group, given once by the placement driver and never reused. 0 is the placement driver's own
 * group, 1 and above are ranges.
 */
public record RegionId(long value) implements Comparable<RegionId> {

    /** The group of the placement driver itself. */
    public static final RegionId PLACEMENT = new RegionId(0);

    public RegionId {
        if (value < 0) {
            throw new IllegalArgumentException("region id " + value + " is negative");
        }
    }

    @Override
    public int compareTo(RegionId other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return "r" + value;
    }
}
