package io.kvasir.gateway.rdb;

import java.io.IOException;

/** Takes a value piece by piece: one string, or the elements of one collection in their order. */
public interface ValueSink {

    /** Takes the whole of a string. */
    void string(byte[] value) throws IOException;

    /** Takes the next element of a list, from its start on. */
    void listElement(byte[] element) throws IOException;

    void setMember(byte[] member) throws IOException;

    void hashField(byte[] field, byte[] value) throws IOException;

    /** @param score not NaN */
    void zsetMember(byte[] member, double score) throws IOException;

    /** Takes the whole of a stream, which may have no entries. */
    void stream(RdbStream stream) throws IOException;
}
