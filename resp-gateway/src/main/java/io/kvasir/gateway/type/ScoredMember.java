package io.kvasir.gateway.type;

/**
 * A member of a sorted set with its score. The array is not copied and must not be changed.
 *
 * @param score never NaN, and never -0: a sorted set keeps 0 for it
 */
public record ScoredMember(byte[] member, double score) {}
