package io.kvasir.gateway.rdb;

import java.io.IOException;

/** Reads what is not kept, to find what follows it. Stateless. */
final class PassedOver {

    /** Takes a value and forgets it. */
    static final ValueSink SINK = new Sink();

    private static final int STREAM_ID_BYTES = 16;
    private static final int MODULE_END = 0;
    private static final int MODULE_SIGNED = 1;
    private static final int MODULE_UNSIGNED = 2;
    private static final int MODULE_FLOAT = 3;
    private static final int MODULE_DOUBLE = 4;
    private static final int MODULE_STRING = 5;

    private PassedOver() {}

    /** Reads a stream (redis rdb.c, rdbLoadObject). */
    static void stream(RdbInput in, RdbType type) throws IOException {
        int version = type == RdbType.STREAM_LISTPACKS ? 1 : type == RdbType.STREAM_LISTPACKS_2 ? 2 : 3;
        for (long left = in.readCount(2); left > 0; left--) {
            in.readString();
            in.readString();
        }
        lengths(in, version == 1 ? 3 : 8);
        for (long groups = in.readCount(1); groups > 0; groups--) {
            in.readString();
            lengths(in, version == 1 ? 2 : 3);
            for (long left = in.readCount(STREAM_ID_BYTES); left > 0; left--) {
                in.readBytes(STREAM_ID_BYTES + Long.BYTES);
                in.readUnsigned();
            }
            for (long consumers = in.readCount(1); consumers > 0; consumers--) {
                in.readString();
                in.readBytes(version == 3 ? 2 * Long.BYTES : Long.BYTES);
                in.readBytes(in.readCount(STREAM_ID_BYTES) * STREAM_ID_BYTES);
            }
        }
    }

    /** Reads a module's value, behind its number. */
    static void module(RdbInput in) throws IOException {
        while (true) {
            long code = in.readLength();
            if (code == MODULE_END) {
                return;
            } else if (code == MODULE_SIGNED || code == MODULE_UNSIGNED) {
                in.readUnsigned();
            } else if (code == MODULE_FLOAT) {
                in.readBytes(Float.BYTES);
            } else if (code == MODULE_DOUBLE) {
                in.readBytes(Double.BYTES);
            } else if (code == MODULE_STRING) {
                in.readString();
            } else {
                throw in.corrupt("an unknown part of a module's value");
            }
        }
    }

    private static void lengths(RdbInput in, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            in.readUnsigned();
        }
    }

    private static final class Sink implements ValueSink {

        @Override
        public void string(byte[] value) {}

        @Override
        public void listElement(byte[] element) {}

        @Override
        public void setMember(byte[] member) {}

        @Override
        public void hashField(byte[] field, byte[] value) {}

        @Override
        public void zsetMember(byte[] member, double score) {}
    }
}
