package io.kvasir.region.heat;

/**
 * What was done in some slots of a range since it was told last. A command counts where its first key is.
 *
 * @param firstSlot the first of them
 * @param endSlot the first beyond them
 * @param reads commands that read alone; {@code writes} the others
 * @param readBytes of values answered
 * @param writtenBytes of arguments of writes
 * @param sample a key that was used, at most {@link RangeHeat#SAMPLE_BYTES_MAX} bytes of it
 */
public record SegmentHeat(
        int firstSlot, int endSlot, long reads, long writes, long readBytes, long writtenBytes, byte[] sample) {}
