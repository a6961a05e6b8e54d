package io.kvasir.region.time;

import java.util.function.LongConsumer;

/**
 * Timestamps of the oracle, as a store gets them: one coalesced request a store, nothing ahead of need (rule K13).
 *
 * <p>Three implementations of one seam: the oracle in this process, the oracle over the link, and the oracle of a
 * simulation. Safe for any thread.
 */
public interface TimestampSource {

    /** Given to {@code whenDone} if no timestamp could be had within the bound; nothing was issued for the caller. */
    long UNAVAILABLE = -1;

    /**
     * Fetches a timestamp that is issued after this call, and gives it to {@code whenDone} exactly once, on any thread,
     * perhaps before this returns.
     */
    void fetch(LongConsumer whenDone);

    /**
     * Returns the largest timestamp known to have been issued, 0 if none: everything expiring at or below it is
     * expired.
     */
    long newestIssued();

    /**
     * Returns a timestamp that the oracle will surely not have reached yet at the end of this call, 0 if unknown: what
     * expires at or above it is alive (rule K12).
     */
    long bound();
}
