package io.kvasir.gateway.rdb;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads a dump file key by key (redis rdb.c, rdbLoadRioWithLoadingCtx). Values of modules are passed over. Confined to
 * one thread.
 */
public final class RdbFileReader {

    private static final int VERSION_CHECKSUM = 5;
    private static final int CHECKSUM_BYTES = 8;

    /** What comes before a key or stands alone; the bytes are in the file. */
    static final int SLOT_INFO = 0xF4;

    static final int FUNCTION = 0xF5;
    static final int MODULE_AUX = 0xF7;
    static final int IDLE = 0xF8;
    static final int FREQUENCY = 0xF9;
    static final int AUX = 0xFA;
    static final int RESIZE = 0xFB;
    static final int EXPIRY_MILLIS = 0xFC;
    static final int EXPIRY_SECONDS = 0xFD;
    static final int DATABASE = 0xFE;
    static final int END = 0xFF;

    private final RdbInput in;
    private int version;
    private int database;
    private long announced;

    /** Gets keys; the value is read by the sink that it names. */
    public interface Visitor {

        /** Takes the code of a library of functions, which is of no database. */
        void library(byte[] code) throws IOException;

        /** Says that the following keys are in {@code database}. */
        void database(long database) throws IOException;

        /**
         * Begins a key and returns what takes its value; empty to pass over it.
         *
         * @param expiryMillis since the Unix epoch, 0 for none; may lie in the past
         */
        Optional<ValueSink> key(byte[] key, long expiryMillis, RdbType.Family family) throws IOException;

        /** Ends a key whose value was read; one without elements counts as absent. */
        void end(byte[] key, long elements) throws IOException;

        /** Tells of a key that was passed over because its type is not available. */
        void passedOver(byte[] key, RdbType.Family family) throws IOException;
    }

    public RdbFileReader(RdbInput in) {
        this.in = in;
    }

    /** Returns the version of the format, once reading has begun. */
    public int version() {
        return version;
    }

    /** Returns how many keys the file has said it has, as far as it was read; 0 if it does not say. */
    public long announced() {
        return announced;
    }

    /**
     * Reads the whole file.
     *
     * @throws CorruptRdbException if it is no dump file, ends early or is damaged; what came before was handed on
     */
    public void read(Visitor visitor) throws IOException {
        header();
        long expiryMillis = 0;
        while (true) {
            int code = in.readByte();
            switch (code) {
                case EXPIRY_SECONDS -> expiryMillis = in.readNumber(4) * 1_000;
                case EXPIRY_MILLIS -> expiryMillis = in.readNumber(8);
                case FREQUENCY -> in.readByte();
                case IDLE -> in.readLength();
                case DATABASE -> {
                    database = (int) Math.min(in.readLength(), Integer.MAX_VALUE);
                    visitor.database(database);
                }
                case RESIZE -> {
                    announced += in.readLength();
                    in.readLength();
                }
                case SLOT_INFO -> {
                    in.readLength();
                    in.readLength();
                    in.readLength();
                }
                case AUX -> {
                    in.readString();
                    in.readString();
                }
                case FUNCTION -> visitor.library(in.readString());
                case MODULE_AUX -> {
                    in.readUnsigned();
                    PassedOver.module(in);
                }
                case END -> {
                    checksum();
                    return;
                }
                default -> {
                    value(code, expiryMillis, visitor);
                    expiryMillis = 0;
                }
            }
        }
    }

    private void value(int code, long expiryMillis, Visitor visitor) throws IOException {
        RdbType type = RdbType.of(code).orElseThrow(() -> in.corrupt("an unknown form of value, " + code));
        byte[] key = in.readString();
        switch (type.family()) {
            case MODULE -> {
                in.readUnsigned();
                PassedOver.module(in);
                visitor.passedOver(key, type.family());
            }
            case STRING, LIST, SET, ZSET, HASH, STREAM -> {
                Optional<ValueSink> sink = visitor.key(key, expiryMillis, type.family());
                long elements = ValueReader.read(in, type, sink.orElse(PassedOver.SINK));
                if (sink.isPresent()) {
                    visitor.end(key, elements);
                }
            }
        }
    }

    private void header() throws IOException {
        byte[] magic = in.readBytes(Math.min(9, in.remaining()));
        String text = new String(magic, StandardCharsets.ISO_8859_1);
        if (!text.matches("REDIS[0-9]{4}")) {
            throw new CorruptRdbException("not a dump file of Redis", 0);
        }
        version = Integer.parseInt(text, 5, 9, 10);
        if (version < 1 || version > DumpPayload.VERSION_READ_MAX) {
            throw new CorruptRdbException(
                    "version " + version + " of the format, of which 1 to " + DumpPayload.VERSION_READ_MAX
                            + " are read",
                    5);
        }
    }

    private void checksum() throws IOException {
        if (version < VERSION_CHECKSUM) {
            return;
        }
        long computed = in.crc();
        long stored = in.readNumber(CHECKSUM_BYTES);
        if (stored != 0 && stored != computed) {
            throw in.corrupt("the checksum of the file is wrong: some byte before was changed");
        }
    }
}
