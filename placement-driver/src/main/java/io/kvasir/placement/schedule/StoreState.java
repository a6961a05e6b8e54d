package io.kvasir.placement.schedule;

/** How a store is doing, by the age of its newest heartbeat. */
public enum StoreState {
    /** It has been heard from lately. */
    UP,
    /** Nothing is given to it, and its replicas are still counted on. */
    DISCONNECTED,
    /** It will hardly come back. */
    DOWN;

    /** A store heard from within this time is up, in ms. It sends heartbeats several times as often. */
    public static final long UP_MILLIS = 3_000;

    /** A store not heard from for so long is down, in ms, unless a setting says otherwise. */
    public static final long DOWN_MILLIS = 30 * 60_000;

    /**
     * Returns the state of a store whose newest heartbeat came {@code ageMillis} ago.
     *
     * @param downMillis after which it is down, {@link #DOWN_MILLIS} if nobody says otherwise
     */
    public static StoreState of(long ageMillis, long downMillis) {
        if (ageMillis < UP_MILLIS) {
            return UP;
        }
        return ageMillis < downMillis ? DISCONNECTED : DOWN;
    }
}
