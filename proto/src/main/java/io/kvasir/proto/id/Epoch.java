package io.kvasir.proto.id;

/**
 * The generation of a region: {@code version} grows when its bounds change, {@code confVersion} when its members
 * change. Both start at 1.
 */
public record Epoch(long confVersion, long version) {

    /** The epoch of a region that was never split, merged or moved. */
    public static final Epoch FIRST = new Epoch(1, 1);

    public Epoch {
        if (confVersion < 1 || version < 1) {
            throw new IllegalArgumentException("epoch below 1: " + confVersion + "/" + version);
        }
    }

    @Override
    public String toString() {
        return confVersion + "/" + version;
    }
}
