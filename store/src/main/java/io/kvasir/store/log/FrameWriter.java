package io.kvasir.store.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames: all records that one sync makes durable. A frame that fits the buffer is one write. Confined to the
 * writer.
 */
final class FrameWriter {

    /** Frames up to this size, at most, are written at once; beyond, a piece at a time. */
    private static final int BUFFER_BYTES_MAX = 1 << 20;

    /** Salt, segment and offset, which are part of each checksum, before the header that goes to the disk. */
    private static final int PLACE_BYTES = 24;

    private final ByteBuffer buffer;
    private final byte[] scratch = new byte[PLACE_BYTES + Format.ENTRY_HEADER_BYTES];
    private final CRC32C crc = new CRC32C();
    /** Where the frame goes; null before the first one. */
    private @Nullable Segment segment;
    /** Offset in the file of the first byte of the buffer. */
    private int bufferOffset;

    private int frameEnd;
    private int recordsLeft;

    /** Makes a writer for frames of which few are longer than {@code usualBytesMax}. */
    FrameWriter(int usualBytesMax) {
        buffer = ByteBuffer.allocateDirect(Math.min(BUFFER_BYTES_MAX, usualBytesMax + Format.FRAME_HEADER_BYTES));
    }

    /**
     * Begins a frame at the end of {@code segment}.
     *
     * @param length of the whole frame, padded
     */
    void begin(Segment into, int length, int records, long sequence, long firstSegment) throws IOException {
        segment = into;
        bufferOffset = into.end;
        frameEnd = into.end + length;
        recordsLeft = records;
        buffer.clear();
        int at = PLACE_BYTES;
        Format.putInt(scratch, at, Format.FRAME_MAGIC);
        Format.putInt(scratch, at + 8, length);
        Format.putInt(scratch, at + 12, records);
        Format.putLong(scratch, at + 16, sequence);
        Format.putLong(scratch, at + 24, firstSegment);
        putPlace(into.end);
        crc.reset();
        crc.update(scratch, 0, at);
        crc.update(scratch, at + 8, Format.FRAME_HEADER_BYTES - 8);
        Format.putInt(scratch, at + 4, (int) crc.getValue());
        put(scratch, at, Format.FRAME_HEADER_BYTES);
    }

    /** Writes an entry and returns its offset in the segment. */
    int entry(byte kind, GroupLog group, long index, long term, byte type, byte[] data) throws IOException {
        int at = PLACE_BYTES + Format.RECORD_HEADER_BYTES;
        Format.putLong(scratch, at, index);
        Format.putLong(scratch, at + 8, term);
        return record(kind, type, group.region().value(), group.incarnation(), Format.ENTRY_HEADER_BYTES, data);
    }

    /** Writes a record that is no entry and returns its offset in the segment. */
    int record(byte kind, long region, int incarnation, byte[] body) throws IOException {
        return record(kind, (byte) 0, region, incarnation, Format.RECORD_HEADER_BYTES, body);
    }

    /** Writes what is left of the frame; its length and number of records must be as announced. */
    void finish() throws IOException {
        int padding = frameEnd - bufferOffset - buffer.position();
        assert recordsLeft == 0 && padding >= 0 && padding < Format.ALIGNMENT : recordsLeft + " records, " + padding;
        put(new byte[padding], 0, padding);
        flush();
        segment().end = frameEnd;
    }

    private int record(byte kind, byte type, long region, int incarnation, int headerBytes, byte[] data)
            throws IOException {
        int offset = bufferOffset + buffer.position();
        int at = PLACE_BYTES;
        Format.putInt(scratch, at + 4, headerBytes + data.length);
        scratch[at + 8] = kind;
        scratch[at + 9] = type;
        scratch[at + 10] = 0;
        scratch[at + 11] = 0;
        Format.putInt(scratch, at + 12, incarnation);
        Format.putLong(scratch, at + 16, region);
        putPlace(offset);
        crc.reset();
        crc.update(scratch, 0, at);
        crc.update(scratch, at + 4, headerBytes - 4);
        crc.update(data, 0, data.length);
        Format.putInt(scratch, at, (int) crc.getValue());
        put(scratch, at, headerBytes);
        put(data, 0, data.length);
        recordsLeft--;
        return offset;
    }

    private Segment segment() {
        return Objects.requireNonNull(segment, "no frame was begun");
    }

    private void putPlace(int offset) {
        Format.putLong(scratch, 0, segment().salt);
        Format.putLong(scratch, 8, segment().id);
        Format.putLong(scratch, 16, offset);
    }

    private void put(byte[] bytes, int from, int length) throws IOException {
        int done = 0;
        while (done < length) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int count = Math.min(length - done, buffer.remaining());
            buffer.put(bytes, from + done, count);
            done += count;
        }
    }

    private void flush() throws IOException {
        buffer.flip();
        int length = buffer.limit();
        segment().file.write(buffer, bufferOffset);
        bufferOffset += length;
        buffer.clear();
    }
}
