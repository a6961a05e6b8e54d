package io.kvasir.proto.request;

import io.kvasir.proto.wire.MalformedBytes;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import java.util.Optional;

/**
 * The bytes of a {@link Request}. Specified with test vectors in {@code docs/keyspace.md}. Stateless and safe for any
 * thread.
 */
public final class RequestCodec {

    /** Newest format version; all from 1 are read. */
    public static final int VERSION = 1;

    /** Most arguments of a request: one more than Redis takes in one command, for what a procedure adds. */
    public static final int ARGUMENTS_MAX = 1024 * 1024 + 1;

    private static final int HEADER_BYTES = 64;

    private RequestCodec() {}

    /** Returns the bytes of {@code request}. */
    public static byte[] encode(Request request) {
        long size = HEADER_BYTES + request.argumentBytes() + 5L * request.arguments().length;
        WireWriter out = new WireWriter((int) Math.min(WireWriter.BYTES_MAX, size));
        write(out, request);
        return out.toBytes();
    }

    /**
     * Returns the request that {@code bytes} are.
     *
     * @throws MalformedBytes if they are none
     */
    public static Request decode(byte[] bytes) {
        WireReader in = new WireReader(bytes);
        Request request = read(in);
        in.end();
        return request;
    }

    /** Appends {@code request}, its format version first. */
    public static void write(WireWriter out, Request request) {
        byte[][] arguments = request.arguments();
        if (arguments.length > ARGUMENTS_MAX) {
            throw new IllegalArgumentException("more than " + ARGUMENTS_MAX + " arguments");
        }
        out.u8(VERSION)
                .text(request.procedure())
                .varint(request.version())
                .varint(request.database())
                .varint(request.session())
                .varint(Integer.toUnsignedLong(request.flags()))
                .varint(request.deadlineMillis());
        request.id()
                .ifPresentOrElse(id -> out.u8(1).i64(id.high()).i64(id.low()).i64(id.digest()), () -> out.u8(0));
        out.varint(arguments.length);
        for (byte[] argument : arguments) {
            out.bytes(argument);
        }
    }

    /**
     * Reads a request written by {@link #write}.
     *
     * @throws MalformedBytes if there is none
     */
    public static Request read(WireReader in) {
        in.version("a request", VERSION);
        String procedure = in.text();
        int version = in.varint("a procedure version", 1, Integer.MAX_VALUE);
        int database = in.varint("a database number", 0, Integer.MAX_VALUE);
        long session = in.varint();
        int flags = flags(in);
        int deadlineMillis = in.varint("a deadline", 0, Integer.MAX_VALUE);
        Optional<RequestId> id = id(in);
        byte[][] arguments = new byte[in.count("an argument count", ARGUMENTS_MAX)][];
        for (int i = 0; i < arguments.length; i++) {
            in.element();
            arguments[i] = in.bytes();
        }
        return new Request(procedure, version, database, session, flags, id, deadlineMillis, arguments);
    }

    private static int flags(WireReader in) {
        int start = in.offset();
        long flags = in.varint();
        if (flags >>> 32 != 0) {
            throw new MalformedBytes("flags take more than 32 bits", start);
        }
        return (int) flags;
    }

    private static Optional<RequestId> id(WireReader in) {
        return in.varint("a request id's presence", 0, 1) == 0
                ? Optional.empty()
                : Optional.of(new RequestId(in.i64(), in.i64(), in.i64()));
    }
}
