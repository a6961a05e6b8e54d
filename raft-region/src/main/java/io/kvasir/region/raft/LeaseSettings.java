package io.kvasir.region.raft;

/**
 * How leaders read without asking (rule K37).
 *
 * @param enabled whether leaders may read under a lease; if not, {@link RaftGroup#holdsLease} is false and every read
 *     confirms by quorum
 * @param leaseMillis how long a lease lasts from the sending of the frame that a quorum confirmed
 * @param guardMillis how long a voter keeps a promise from the receipt of such a frame, and after its start; it gives
 *     none for a lease that is not shorter, so that stores with different settings have no lease rather than an unsafe
 *     one
 */
public record LeaseSettings(boolean enabled, int leaseMillis, int guardMillis) {

    /** The numbers of K37. */
    public static final LeaseSettings PRODUCTION = new LeaseSettings(true, 1_500, 2_000);

    /** Shortest lease: less would lapse between two frames. */
    public static final int LEASE_MILLIS_MIN = 2 * LeaseExchange.BEAT_MILLIS;

    /** The longest guard. */
    public static final int GUARD_MILLIS_MAX = 120_000;

    public LeaseSettings {
        if (leaseMillis < LEASE_MILLIS_MIN || guardMillis <= leaseMillis || guardMillis > GUARD_MILLIS_MAX) {
            throw new IllegalArgumentException("lease of " + leaseMillis + " ms under a guard of " + guardMillis);
        }
    }

    long leaseNanos() {
        return leaseMillis * 1_000_000L;
    }

    long guardNanos() {
        return guardMillis * 1_000_000L;
    }
}
