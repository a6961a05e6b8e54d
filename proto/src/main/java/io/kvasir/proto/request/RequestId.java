package io.kvasir.proto.request;

/**
 * An id by which a client's own retry is told from a new request (rule K21).
 *
 * @param high upper half of the id
 * @param low lower half of the id
 * @param digest of the command that the client named by it: a retry must be the same command
 */
public record RequestId(long high, long low, long digest) {}
