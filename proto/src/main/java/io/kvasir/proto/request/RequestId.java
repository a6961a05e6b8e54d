package io.kvasir.proto.request;

/** An id by which a client's own retry is told from a new request (rule K21); 16 bytes. */
public record RequestId(long high, long low) {}
