package io.kvasir.region.time;

/**
 * The machine's monotonic clock: the one place of the servers that reads a clock (a test checks it).
 *
 * <p>Stateless and safe for any thread.
 */
public final class SystemTicker implements Ticker {

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    /**
     * Returns milliseconds since 1970 by the machine's wall clock, which may jump. Nothing but the oracle of a
     * placement leader may ask, and only for where to begin (rule K14).
     */
    public long wallMillis() {
        return System.currentTimeMillis();
    }
}
