package io.kvasir.store.log;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** The numbers of docs/log-format.md. All integers are little-endian; offsets are from the start of the file. */
final class Format {

    static final int VERSION = 1;

    /** "KVASLOG1" as bytes. */
    static final long SEGMENT_MAGIC = 0x31474F4C5341564BL;

    /** "KVFR" as bytes. */
    static final int FRAME_MAGIC = 0x5246564B;

    static final int SEGMENT_HEADER_BYTES = 64;
    static final int FRAME_HEADER_BYTES = 32;
    static final int RECORD_HEADER_BYTES = 24;
    /** Header, index and term of an entry record; the data follows. */
    static final int ENTRY_HEADER_BYTES = RECORD_HEADER_BYTES + 16;
    /** Frames begin at multiples of this. */
    static final int ALIGNMENT = 8;

    // Kinds of records; never reused.
    static final byte ENTRY = 1;
    static final byte MOVED = 2;
    static final byte HARD_STATE = 3;
    static final byte PREFIX = 4;
    static final byte SUFFIX = 5;
    static final byte RESET = 6;
    static final byte CREATED = 7;
    static final byte TOMBSTONE = 8;
    static final byte INSTALLING = 9;
    static final byte INSTALLED = 10;
    static final byte REPLICA = 11;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Format() {}

    static int getInt(byte[] bytes, int offset) {
        return (int) INT.get(bytes, offset);
    }

    static long getLong(byte[] bytes, int offset) {
        return (long) LONG.get(bytes, offset);
    }

    static void putInt(byte[] bytes, int offset, int value) {
        INT.set(bytes, offset, value);
    }

    static void putLong(byte[] bytes, int offset, long value) {
        LONG.set(bytes, offset, value);
    }

    static int padded(int bytes) {
        return bytes + ALIGNMENT - 1 & -ALIGNMENT;
    }

    /**
     * Returns what goes before the bytes of a frame header or record into its checksum, so that bytes of an earlier use
     * of the file, or of another place, are never taken for one (rule K25).
     */
    static byte[] place(long salt, long segment, long offset) {
        byte[] place = new byte[24];
        putLong(place, 0, salt);
        putLong(place, 8, segment);
        putLong(place, 16, offset);
        return place;
    }

    /** Returns the checksum of the record {@code bytes[from, to)}, which begins at {@code offset} of a segment. */
    static int checksum(CRC32C crc, long salt, long segment, long offset, byte[] bytes, int from, int to) {
        byte[] place = place(salt, segment, offset);
        crc.reset();
        crc.update(place, 0, place.length);
        crc.update(bytes, from + 4, to - from - 4);
        return (int) crc.getValue();
    }
}
