package io.kvasir.gateway.session;

import java.util.List;
import java.util.Map;

/**
 * What a node measures of itself at this moment, as INFO shows it. Whoever supplies it must do so without waiting.
 * Values that are not known are 0.
 *
 * @param keyspace databases that are not empty, in the order of their numbers
 * @param usedMemoryBytes memory in use
 * @param peakMemoryBytes the most that was in use
 * @param residentBytes memory of the process as the operating system counts it
 * @param memoryBudgetBytes memory the process may use
 * @param systemMemoryBytes memory of the machine
 * @param keyspaceHits reads of this node that found their key
 * @param keyspaceMisses reads of this node that did not
 * @param expiredKeys keys of this node removed because they expired
 * @param appliedOffset a number that rises with every write applied on this node
 * @param cpuSystemMicros CPU time of the process in the kernel, in us
 * @param cpuUserMicros CPU time of the process outside it, in us
 * @param kvasir lines of the section "kvasir", in order
 */
public record NodeReadings(
        List<Keyspace> keyspace,
        long usedMemoryBytes,
        long peakMemoryBytes,
        long residentBytes,
        long memoryBudgetBytes,
        long systemMemoryBytes,
        long keyspaceHits,
        long keyspaceMisses,
        long expiredKeys,
        long appliedOffset,
        long cpuSystemMicros,
        long cpuUserMicros,
        Map<String, String> kvasir) {

    /**
     * @param database its number
     * @param keys keys in it
     * @param expires those of them that expire
     * @param averageTtlMillis mean time to live of those, in ms; 0 if unknown
     */
    public record Keyspace(int database, long keys, long expires, long averageTtlMillis) {}
}
