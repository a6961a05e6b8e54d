package io.kvasir.gateway.type;

import io.kvasir.proto.key.Version;
import java.util.Arrays;

/**
 * The root record of a user key: what its value is, and the whole value while it is small. Specified with test vectors
 * in {@code docs/keyspace-root.md}:
 *
 * <pre>
 *   format 01 (1) | flags and type (1) | [expiry, varint] | [generation (12)] | count, varint | payload
 * </pre>
 *
 * The lower 4 bits of the second byte are the type; bit 4 says that an expiry is there, bit 5 a generation; bits 6 and
 * 7 are zero. Immutable by convention: arrays are not copied and must not be changed.
 *
 * @param expiryMillis expiry in ms since the Unix epoch, 0 for none
 * @param generation generation of the sub-records, {@link Version#NONE} if the value is inline
 * @param count number of elements; of a string the number of bytes
 * @param payload the value if it is inline, else what its type keeps beside the sub-records
 */
public record Root(RootType type, long expiryMillis, Version generation, long count, byte[] payload) {

    /** The format this code writes; it reads no other. */
    public static final byte FORMAT = 1;

    private static final int FLAG_EXPIRY = 0x10;
    private static final int FLAG_GENERATION = 0x20;
    private static final int FLAGS_UNKNOWN = 0xC0;

    public Root {
        if (expiryMillis < 0 || count < 0) {
            throw new IllegalArgumentException("bad root record: expiry " + expiryMillis + ", count " + count);
        }
    }

    /** Returns a root that holds its whole value. */
    public static Root inline(RootType type, long expiryMillis, long count, byte[] payload) {
        return new Root(type, expiryMillis, Version.NONE, count, payload);
    }

    /**
     * Reads a root record.
     *
     * @throws IllegalArgumentException if {@code record} is none, or of an unknown format
     */
    public static Root decode(byte[] record) {
        if (record.length < 3 || record[0] != FORMAT || (record[1] & FLAGS_UNKNOWN) != 0) {
            throw new IllegalArgumentException("not a root record of format " + FORMAT);
        }
        RootType type = RootType.numbered(record[1] & 0x0F);
        int at = 2;
        long expiryMillis = 0;
        if ((record[1] & FLAG_EXPIRY) != 0) {
            expiryMillis = Varint.read(record, at);
            at += Varint.size(expiryMillis);
        }
        Version generation = Version.NONE;
        if ((record[1] & FLAG_GENERATION) != 0) {
            if (record.length < at + Version.BYTES) {
                throw new IllegalArgumentException("root record ends within its generation");
            }
            generation = Version.read(record, at);
            at += Version.BYTES;
        }
        long count = Varint.read(record, at);
        at += Varint.size(count);
        return new Root(type, expiryMillis, generation, count, Arrays.copyOfRange(record, at, record.length));
    }

    /** Returns this as bytes. */
    public byte[] encode() {
        boolean expires = expiryMillis != 0;
        boolean inline = isInline();
        int length = 2
                + (expires ? Varint.size(expiryMillis) : 0)
                + (inline ? 0 : Version.BYTES)
                + Varint.size(count)
                + payload.length;
        byte[] record = new byte[length];
        record[0] = FORMAT;
        record[1] = (byte) (type.number() | (expires ? FLAG_EXPIRY : 0) | (inline ? 0 : FLAG_GENERATION));
        int at = 2;
        if (expires) {
            at = Varint.write(record, at, expiryMillis);
        }
        if (!inline) {
            generation.write(record, at);
            at += Version.BYTES;
        }
        at = Varint.write(record, at, count);
        System.arraycopy(payload, 0, record, at, payload.length);
        return record;
    }

    /** Returns whether there are no sub-records. */
    public boolean isInline() {
        return generation.equals(Version.NONE);
    }

    /** Returns this with another expiry, 0 for none. */
    public Root withExpiry(long expiryMillis) {
        return new Root(type, expiryMillis, generation, count, payload);
    }

    /** Returns this with another count. */
    public Root withCount(long count) {
        return new Root(type, expiryMillis, generation, count, payload);
    }

    /** Returns this with another payload. */
    public Root withPayload(byte[] payload) {
        return new Root(type, expiryMillis, generation, count, payload);
    }
}
