package io.kvasir.placement.controller;

import io.kvasir.placement.schedule.StoreState;
import io.kvasir.proto.id.StoreId;
import java.util.Map;
import java.util.Set;

/** What the cluster's settings say of stores and replicas. Stateless. */
public final class ClusterSettings {

    /** How long a store is silent before its replicas are made anew elsewhere, in seconds. */
    public static final String DOWN_SECONDS = "placement.down-seconds";

    /** Bounds of {@link #DOWN_SECONDS}: an election at least, a week at most. */
    public static final long DOWN_SECONDS_MIN = 10;

    public static final long DOWN_SECONDS_MAX = 7 * 86_400;

    /** How many replicas a range is to have. */
    public static final String REPLICAS = "placement.replicas";

    /** What {@link #REPLICAS} may be: of two, four or six none may fail that may not of one, three or five. */
    public static final Set<Long> REPLICAS_ALLOWED = Set.of(1L, 3L, 5L);

    private static final String DRAINING = "placement.draining.";

    private ClusterSettings() {}

    /** Returns the name of the setting that is there while {@code store} is drained. */
    public static String draining(StoreId store) {
        return DRAINING + store.value();
    }

    static boolean isDraining(Map<String, String> settings, StoreId store) {
        return settings.containsKey(draining(store));
    }

    /** Returns how many replicas a range is to have, 0 if nobody has said so. */
    public static int replicas(Map<String, String> settings) {
        return Integer.parseInt(settings.getOrDefault(REPLICAS, "0"));
    }

    /** Returns after how many ms of silence a store is down. */
    public static long downMillis(Map<String, String> settings) {
        try {
            long seconds = Long.parseLong(settings.getOrDefault(DOWN_SECONDS, ""));
            return Math.clamp(seconds, DOWN_SECONDS_MIN, DOWN_SECONDS_MAX) * 1_000;
        } catch (NumberFormatException none) {
            return StoreState.DOWN_MILLIS;
        }
    }
}
