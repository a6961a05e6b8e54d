package io.kvasir.gateway.type;

/**
 * An entry of a stream.
 *
 * @param pairs fields and values in turn, at least one of each; not copied, not to be changed
 */
public record StreamEntry(StreamId id, byte[][] pairs) {

    public StreamEntry {
        if (pairs.length == 0 || pairs.length % 2 != 0) {
            throw new IllegalArgumentException("an entry has fields and values in pairs");
        }
    }

    /** Returns the bytes of all fields and values. */
    public long bytes() {
        long bytes = 0;
        for (byte[] word : pairs) {
            bytes += word.length;
        }
        return bytes;
    }
}
