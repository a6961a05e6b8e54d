package io.kvasir.placement.controller;

import io.kvasir.placement.schedule.StoreState;
import io.kvasir.proto.id.StoreId;
import java.util.Map;

/** What the cluster's settings say of stores. Stateless. */
public final class StoreSettings {

    /** How long a store is silent before its replicas are made anew elsewhere, in seconds. */
    public static final String DOWN_SECONDS = "placement.down-seconds";

    /** Bounds of {@link #DOWN_SECONDS}: an election at least, a week at most. */
    public static final long DOWN_SECONDS_MIN = 10;

    public static final long DOWN_SECONDS_MAX = 7 * 86_400;

    private static final String DRAINING = "placement.draining.";

    private StoreSettings() {}

    /** Returns the name of the setting that is there while {@code store} is drained. */
    public static String draining(StoreId store) {
        return DRAINING + store.value();
    }

    static boolean isDraining(Map<String, String> settings, StoreId store) {
        return settings.containsKey(draining(store));
    }

    /** Returns after how many ms of silence a store is down. */
    static long downMillis(Map<String, String> settings) {
        try {
            long seconds = Long.parseLong(settings.getOrDefault(DOWN_SECONDS, ""));
            return Math.clamp(seconds, DOWN_SECONDS_MIN, DOWN_SECONDS_MAX) * 1_000;
        } catch (NumberFormatException none) {
            return StoreState.DOWN_MILLIS;
        }
    }
}
