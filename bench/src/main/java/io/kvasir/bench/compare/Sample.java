package io.kvasir.bench.compare;

/**
 * What one run of a load on a target came to.
 *
 * @param opsPerSecond requests answered a second
 * @param p50Millis median latency
 * @param p99Millis latency that one request in a hundred passes
 * @param cpuSecondsPerMillion CPU of all processes of the target for a million requests
 * @param syncsPerThousand syncs of the log for 1,000 requests, summed over the processes
 * @param appendsPerThousand appends to the log for 1,000 requests, summed over the processes
 * @param residentBytes memory of all processes of the target after it
 */
record Sample(
        double opsPerSecond,
        double p50Millis,
        double p99Millis,
        double cpuSecondsPerMillion,
        double syncsPerThousand,
        double appendsPerThousand,
        long residentBytes) {}
