package io.kvasir.gateway.rdb;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Writes a dump file that Redis 7.0 and later load. Confined to one thread. */
public final class RdbFileWriter {

    private final RdbOutput out;

    /** Makes a writer and writes the head of the file to {@code out}. */
    public RdbFileWriter(RdbOutput out) throws IOException {
        this.out = out;
        byte[] magic = String.format("REDIS%04d", DumpPayload.VERSION).getBytes(StandardCharsets.US_ASCII);
        out.writeBytes(magic, 0, magic.length);
    }

    /**
     * Writes the libraries of functions in {@code payload}, which FUNCTION DUMP gave; to be called before the first
     * database.
     */
    public void libraries(byte[] payload) throws IOException {
        out.writeBytes(payload, 0, payload.length - DumpPayload.FOOTER_BYTES);
    }

    /** Says that the following keys are in {@code database}. */
    public void database(int database) throws IOException {
        out.writeByte(RdbFileReader.DATABASE);
        out.writeLength(database);
    }

    /** Writes a key with the value of {@code payload}, which DUMP gave, of a version that is written. */
    public void key(byte[] key, long expiryMillis, byte[] payload) throws IOException {
        begin(key, expiryMillis, payload[0] & 0xFF);
        out.writeBytes(payload, 1, payload.length - DumpPayload.FOOTER_BYTES);
    }

    /** Writes a key; the caller writes its value in the form {@code type} behind it. */
    public void begin(byte[] key, long expiryMillis, RdbType type) throws IOException {
        begin(key, expiryMillis, type.code());
    }

    /** Writes the end of the file. */
    public void end() throws IOException {
        out.writeByte(RdbFileReader.END);
        out.writeNumber(out.crc(), Long.BYTES);
    }

    private void begin(byte[] key, long expiryMillis, int type) throws IOException {
        if (expiryMillis > 0) {
            out.writeByte(RdbFileReader.EXPIRY_MILLIS);
            out.writeNumber(expiryMillis, Long.BYTES);
        }
        out.writeByte(type);
        out.writeString(key);
    }
}
