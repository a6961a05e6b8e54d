package io.kvasir.gateway.type;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The id of a stream's entry: two unsigned numbers of 64 bits, which compare one after the other.
 *
 * @param millis in general the time of the entry, in ms since the Unix epoch
 * @param sequence tells apart the entries of one millisecond
 */
public record StreamId(long millis, long sequence) implements Comparable<StreamId> {

    /** Encoded size: both numbers, big-endian, so that the order of bytes is that of ids. */
    public static final int BYTES = 16;

    /** The smallest id, which no entry has. */
    public static final StreamId ZERO = new StreamId(0, 0);

    /** The largest id. */
    public static final StreamId MAX = new StreamId(-1, -1);

    private static final VarHandle LONG_BE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** Reads the id at {@code offset} of {@code bytes}. */
    public static StreamId read(byte[] bytes, int offset) {
        return new StreamId((long) LONG_BE.get(bytes, offset), (long) LONG_BE.get(bytes, offset + Long.BYTES));
    }

    /** Writes this into {@code bytes} at {@code offset}, {@link #BYTES} bytes. */
    public void write(byte[] bytes, int offset) {
        LONG_BE.set(bytes, offset, millis);
        LONG_BE.set(bytes, offset + Long.BYTES, sequence);
    }

    public boolean isZero() {
        return millis == 0 && sequence == 0;
    }

    /**
     * Returns the next id.
     *
     * @throws IllegalStateException if this is {@link #MAX}
     */
    public StreamId next() {
        if (equals(MAX)) {
            throw new IllegalStateException("no id follows the last one");
        }
        return new StreamId(sequence == -1 ? millis + 1 : millis, sequence + 1);
    }

    /**
     * Returns the id before.
     *
     * @throws IllegalStateException if this is {@link #ZERO}
     */
    public StreamId previous() {
        if (isZero()) {
            throw new IllegalStateException("no id is before the first one");
        }
        return new StreamId(sequence == 0 ? millis - 1 : millis, sequence - 1);
    }

    /** Returns whether this is before {@code other}. */
    public boolean isBefore(StreamId other) {
        return compareTo(other) < 0;
    }

    /** Returns whether this is after {@code other}. */
    public boolean isAfter(StreamId other) {
        return compareTo(other) > 0;
    }

    @Override
    public int compareTo(StreamId other) {
        int byMillis = Long.compareUnsigned(millis, other.millis);
        return byMillis != 0 ? byMillis : Long.compareUnsigned(sequence, other.sequence);
    }

    /** Returns the id as commands show it: "1526919030474-55". */
    @Override
    public String toString() {
        return Long.toUnsignedString(millis) + '-' + Long.toUnsignedString(sequence);
    }
}
