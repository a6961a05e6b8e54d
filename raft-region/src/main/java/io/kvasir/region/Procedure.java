package io.kvasir.region;

import io.kvasir.proto.request.Request;

/** A named piece of code that a range can run. Stateless; safe for any thread. */
public interface Procedure {

    /** Returns the name by which requests call it. */
    String name();

    /** Returns the version of its argument layout. */
    int version();

    /**
     * Parses the arguments of {@code request}.
     *
     * @throws IllegalArgumentException if they do not parse; the gateway has parsed them before, so this is a fault of
     *     the sender
     */
    Invocation parse(Request request);
}
