package io.kvasir.gateway.rdb;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * A value as DUMP answers it: a byte for its form, the value, the version of the format (2, lowest byte first) and the
 * checksum of all that (8, lowest byte first). Stateless.
 */
public final class DumpPayload {

    /** The version that is written: Redis 7.0 reads it, and every later one. */
    public static final int VERSION = 10;

    /** The latest version that is read: that of Redis 7.2. */
    public static final int VERSION_READ_MAX = 11;

    /** Bytes behind the value. */
    public static final int FOOTER_BYTES = 10;

    private static final int CHECKSUM_BYTES = 8;

    private DumpPayload() {}

    /** Returns the payload of {@code value}; {@code packed} as {@link ValueWriter#typeOf} has it. */
    public static byte[] encode(RdbValue value, boolean packed) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        RdbOutput out = new RdbOutput(bytes);
        try {
            RdbType type = ValueWriter.typeOf(value, packed);
            out.writeByte(type.code());
            ValueWriter.write(out, type, value);
            out.writeNumber(VERSION, 2);
            out.writeNumber(out.crc(), CHECKSUM_BYTES);
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory does not fail", impossible);
        }
        return bytes.toByteArray();
    }

    /** Returns {@code typeAndValue} with the footer behind it. */
    public static byte[] seal(byte[] typeAndValue) {
        int end = typeAndValue.length;
        byte[] payload = Arrays.copyOf(typeAndValue, end + FOOTER_BYTES);
        LittleEndian.write(payload, end, VERSION, 2);
        LittleEndian.write(payload, end + 2, Crc64.update(0, payload, 0, end + 2), CHECKSUM_BYTES);
        return payload;
    }

    /** Returns whether {@code payload} has a version that is read and the checksum that belongs to it. */
    public static boolean isIntact(byte[] payload) {
        int footer = payload.length - FOOTER_BYTES;
        if (footer < 0 || LittleEndian.number(payload, footer, 2) > VERSION_READ_MAX) {
            return false;
        }
        long crc = Crc64.update(0, payload, 0, footer + 2);
        return LittleEndian.number(payload, footer + 2, CHECKSUM_BYTES) == crc;
    }

    /**
     * Returns the form of the value in {@code payload}, which is intact.
     *
     * @throws CorruptRdbException if there is none by that byte
     */
    public static RdbType type(byte[] payload) throws CorruptRdbException {
        if (payload.length == FOOTER_BYTES) {
            throw new CorruptRdbException("a payload without a value", 0);
        }
        return RdbType.of(payload[0] & 0xFF).orElseThrow(() -> new CorruptRdbException("an unknown form of value", 0));
    }

    /**
     * Returns the value in {@code payload}, which is intact and not of a module.
     *
     * @param bytesMax most bytes of its parts in all
     * @throws CorruptRdbException if it holds none
     */
    public static RdbValue decode(byte[] payload, long bytesMax) throws CorruptRdbException {
        RdbType type = type(payload);
        RdbInput in = RdbInput.of(payload, payload.length - FOOTER_BYTES);
        ValueCollector collector = new ValueCollector(in, bytesMax);
        try {
            in.readByte();
            ValueReader.read(in, type, collector);
            return collector.value();
        } catch (CorruptRdbException corrupt) {
            throw corrupt;
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory does not fail", impossible);
        }
    }
}
