package io.kvasir.placement;

import java.util.Map;

/**
 * What a replica of the placement driver measures. Where it does not lead, all but {@code term} and the totals is empty
 * or 0. Totals count on since the process started.
 *
 * @param leads whether it leads
 * @param term in which it leads, or led last; 0 if it never did
 * @param stores numbers of stores by state
 * @param ranges number of ranges; {@code leaderlessRanges} those whose leader is not known
 * @param running numbers of operators under way, by who wanted them
 * @param ended totals of operators, by what became of them
 * @param pausedSeconds for how long schedulers are paused, 0 if not
 * @param heartbeats total of heartbeats heard; {@code refusedHeartbeats} of those refused
 * @param timestamps total of timestamps issued; {@code windows} of windows of the oracle put on disk
 * @param clockMillis the oracle's clock
 */
public record PlacementReadings(
        boolean leads,
        long term,
        Map<String, Long> stores,
        long ranges,
        long leaderlessRanges,
        Map<String, Long> running,
        Map<String, Long> ended,
        Map<String, Long> pausedSeconds,
        long heartbeats,
        long refusedHeartbeats,
        long timestamps,
        long windows,
        long clockMillis) {}
