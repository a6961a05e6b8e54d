package io.kvasir.gateway.rdb;

import java.io.IOException;

/** Reads what is not kept, to find what follows it. Stateless. */
final class PassedOver {

    /** Takes a value and forgets it. */
    static final ValueSink SINK = new Sink();

    private static final int MODULE_END = 0;
    private static final int MODULE_SIGNED = 1;
    private static final int MODULE_UNSIGNED = 2;
    private static final int MODULE_FLOAT = 3;
    private static final int MODULE_DOUBLE = 4;
    private static final int MODULE_STRING = 5;

    private PassedOver() {}

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

        @Override
        public void stream(RdbStream stream) {}
    }
}
