package io.kvasir.placement.heat;

/**
 * What was done.
 *
 * @param reads commands that read alone; {@code writes} the others
 * @param readBytes of values answered; {@code writtenBytes} of arguments of writes
 */
public record Heat(long reads, long writes, long readBytes, long writtenBytes) {

    public static final Heat NONE = new Heat(0, 0, 0, 0);

    Heat plus(Heat other) {
        return new Heat(
                reads + other.reads,
                writes + other.writes,
                readBytes + other.readBytes,
                writtenBytes + other.writtenBytes);
    }

    /** Returns all of it in one number, by which warm and cold are told apart. */
    long weight() {
        return reads + writes;
    }
}
