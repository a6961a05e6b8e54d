package io.kvasir.placement;

import io.kvasir.placement.controller.ClusterImage;
import io.kvasir.placement.controller.CurrentPicture;
import io.kvasir.placement.controller.Presence;
import io.kvasir.placement.oracle.Oracle;
import io.kvasir.placement.schedule.ClusterPicture;
import io.kvasir.placement.schedule.Operator;
import io.kvasir.placement.schedule.Scheduling;
import io.kvasir.placement.schedule.StoreState;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Measures a replica of the placement driver, some times a second. Confined to the placement thread but for
 * {@link #readings}, which any thread may ask.
 */
final class PlacementGauges {

    private final Map<String, Long> ended = new TreeMap<>();

    /** Operators that had ended when it was looked last: those of which the book still knows. */
    private Set<Long> counted = Set.of();

    private long heartbeats;
    private long refusedHeartbeats;
    private long term;
    private volatile PlacementReadings readings = away(0, 0);

    PlacementGauges() {
        for (Operator.State state : Operator.State.values()) {
            if (state.isOver()) {
                ended.put(word(state), 0L);
            }
        }
    }

    PlacementReadings readings() {
        return readings;
    }

    /** A heartbeat came. */
    void heard(boolean refused) {
        heartbeats++;
        if (refused) {
            refusedHeartbeats++;
        }
    }

    /** Looks at what is led in {@code leadingTerm}. */
    void look(
            long leadingTerm,
            ClusterImage image,
            Presence presence,
            Scheduling scheduling,
            Oracle oracle,
            long nowNanos) {
        term = leadingTerm;
        countEnded(scheduling.operators().ended());
        ClusterPicture picture = CurrentPicture.of(image, presence, nowNanos);
        Map<String, Long> stores = new TreeMap<>();
        for (StoreState state : StoreState.values()) {
            stores.put(word(state), 0L);
        }
        picture.stores().values().forEach(store -> stores.merge(word(store.state()), 1L, Long::sum));
        Map<String, Long> running = new TreeMap<>(Map.of(Scheduling.BY_HAND, 0L));
        Map<String, Long> paused = new TreeMap<>();
        for (Scheduling.Limit limit : Scheduling.LIMITS) {
            running.put(limit.scheduler(), 0L);
            paused.put(limit.scheduler(), scheduling.pausedSeconds(limit.scheduler(), nowNanos));
        }
        scheduling
                .operators()
                .running()
                .forEach(operator -> running.merge(operator.task().scheduler(), 1L, Long::sum));
        readings = new PlacementReadings(
                true,
                term,
                stores,
                picture.ranges().size(),
                picture.ranges().stream()
                        .filter(range -> range.leader().isEmpty())
                        .count(),
                running,
                Map.copyOf(ended),
                paused,
                heartbeats,
                refusedHeartbeats,
                oracle.issued(),
                oracle.windows(),
                oracle.clockMillis(nowNanos));
    }

    /** This replica leads no more. */
    void leave(Oracle oracle) {
        counted = Set.of();
        readings = away(oracle.issued(), oracle.windows());
    }

    private PlacementReadings away(long issued, long windows) {
        return new PlacementReadings(
                false,
                term,
                Map.of(),
                0,
                0,
                Map.of(),
                Map.copyOf(ended),
                Map.of(),
                heartbeats,
                refusedHeartbeats,
                issued,
                windows,
                0);
    }

    private void countEnded(List<Operator> all) {
        Set<Long> now = new HashSet<>();
        for (Operator operator : all) {
            now.add(operator.id());
            if (!counted.contains(operator.id())) {
                ended.merge(word(operator.state()), 1L, Long::sum);
            }
        }
        counted = now;
    }

    private static String word(Enum<?> state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
