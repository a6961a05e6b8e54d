package io.kvasir.store.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Reads the frames of one segment, front to back, while the log is opened. Confined to the thread that opens it. */
final class FrameReader {

    /** A frame whose every record is as it was written. */
    record Frame(int offset, int length, int records, long sequence, long firstSegment, byte[] bytes) {}

    /**
     * A record of a frame.
     *
     * @param offset in the segment
     * @param length of header and body
     * @param body what follows the header
     */
    record Found(int offset, int length, byte kind, byte type, int incarnation, long region, ByteBuffer body) {}

    /** Takes the records of a frame, in order. */
    @FunctionalInterface
    interface Visitor {
        void record(Found record);
    }

    /** Read at once. */
    private static final int WINDOW_BYTES = 1 << 20;

    private final Segment segment;
    private final long fileBytes;
    private final CRC32C crc = new CRC32C();
    /** The part of the file read last, so that small frames do not cost a read each. */
    private byte[] window = {};

    private long windowOffset;

    FrameReader(Segment segment) {
        this.segment = segment;
        this.fileBytes = segment.allocated;
    }

    /** Returns the frame at {@code offset}, or null if there is none or not all of it is as it was written. */
    @Nullable
    Frame read(int offset) throws IOException {
        byte[] header = bytesAt(offset, Format.FRAME_HEADER_BYTES);
        if (header == null || !isFrameHeader(header, 0, offset)) {
            return null;
        }
        int length = Format.getInt(header, 8);
        byte[] bytes = length < Format.FRAME_HEADER_BYTES ? null : bytesAt(offset, length);
        if (bytes == null) {
            return null;
        }
        int records = Format.getInt(header, 12);
        int at = Format.FRAME_HEADER_BYTES;
        for (int i = 0; i < records; i++) {
            if (at + Format.RECORD_HEADER_BYTES > length) {
                return null;
            }
            int recordLength = Format.getInt(bytes, at + 4);
            if (recordLength < Format.RECORD_HEADER_BYTES || recordLength > length - at) {
                return null;
            }
            int sum = Format.checksum(crc, segment.salt, segment.id, offset + at, bytes, at, at + recordLength);
            if (sum != Format.getInt(bytes, at)) {
                return null;
            }
            at += recordLength;
        }
        long sequence = Format.getLong(header, 16);
        return new Frame(offset, length, records, sequence, Format.getLong(header, 24), bytes);
    }

    /** Hands the records of {@code frame} to {@code visitor}. */
    void visit(Frame frame, Visitor visitor) {
        byte[] bytes = frame.bytes;
        int at = Format.FRAME_HEADER_BYTES;
        for (int i = 0; i < frame.records; i++) {
            int length = Format.getInt(bytes, at + 4);
            int bodyAt = at + Format.RECORD_HEADER_BYTES;
            ByteBuffer body = ByteBuffer.wrap(bytes, bodyAt, length - Format.RECORD_HEADER_BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN);
            visitor.record(new Found(
                    frame.offset + at,
                    length,
                    bytes[at + 8],
                    bytes[at + 9],
                    Format.getInt(bytes, at + 12),
                    Format.getLong(bytes, at + 16),
                    body));
            at += length;
        }
    }

    /** Returns whether a frame begins anywhere from {@code offset} on; its records may be damaged. */
    boolean anyFrameFrom(int offset) throws IOException {
        for (long from = offset; from < fileBytes; from += WINDOW_BYTES) {
            byte[] window = windowAt(from, WINDOW_BYTES + Format.FRAME_HEADER_BYTES);
            int end = Math.min(WINDOW_BYTES, window.length - Format.FRAME_HEADER_BYTES + 1);
            for (int at = 0; at < end; at += Format.ALIGNMENT) {
                if (Format.getInt(window, at) == Format.FRAME_MAGIC && isFrameHeader(window, at, from + at)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Returns whether all bytes from {@code offset} on are zero. */
    boolean isZeroFrom(int offset) throws IOException {
        for (long from = offset; from < fileBytes; from += WINDOW_BYTES) {
            for (byte b : windowAt(from, WINDOW_BYTES)) {
                if (b != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean isFrameHeader(byte[] bytes, int at, long offset) {
        if (Format.getInt(bytes, at) != Format.FRAME_MAGIC) {
            return false;
        }
        byte[] place = Format.place(segment.salt, segment.id, offset);
        crc.reset();
        crc.update(place, 0, place.length);
        crc.update(bytes, at + 8, Format.FRAME_HEADER_BYTES - 8);
        return (int) crc.getValue() == Format.getInt(bytes, at + 4);
    }

    private byte @Nullable [] bytesAt(long offset, int length) throws IOException {
        if (offset + length > fileBytes) {
            return null;
        }
        if (length > WINDOW_BYTES) {
            return readFully(offset, length);
        }
        if (offset < windowOffset || offset + length > windowOffset + window.length) {
            window = readFully(offset, (int) Math.min(WINDOW_BYTES, fileBytes - offset));
            windowOffset = offset;
        }
        int from = (int) (offset - windowOffset);
        return Arrays.copyOfRange(window, from, from + length);
    }

    private byte[] windowAt(long offset, int lengthMax) throws IOException {
        return readFully(offset, (int) Math.min(lengthMax, fileBytes - offset));
    }

    private byte[] readFully(long offset, int length) throws IOException {
        byte[] bytes = new byte[length];
        if (!segment.file.read(ByteBuffer.wrap(bytes), offset)) {
            throw new IOException("file became shorter while it was read: " + segment.path);
        }
        return bytes;
    }
}
