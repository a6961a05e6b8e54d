package io.kvasir.bench.compare;

/**
 * A target that nobody asks anything.
 *
 * @param target its name
 * @param startSeconds from the start of its process or launcher to its first answer
 * @param idleCorePercent CPU of all its processes while no client asks, as a part of one core
 * @param residentBytes memory of all its processes after the loads
 */
record Resting(String target, double startSeconds, double idleCorePercent, long residentBytes) {}
