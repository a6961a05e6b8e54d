package io.kvasir.proto.control;

import io.kvasir.proto.time.Timestamp;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far back the cluster's databases can be read, and who needs more than that: what stands about it among the
 * replicated settings of the placement driver. The <em>safe point</em> of a database is the timestamp below which
 * nothing of its past is needed: now less its retention, or the lowest timestamp that somebody holds, if that is lower.
 * Immutable.
 *
 * @param retentionMillis by database; a database that is absent keeps no past on disk
 * @param holds by name
 */
public record HistoryPolicy(SortedMap<Integer, Long> retentionMillis, SortedMap<String, Hold> holds) {

    /** Shortest retention, in ms: horizons move within seconds of the safe point. */
    public static final long RETENTION_MILLIS_MIN = 10_000;

    /** Longest retention, in ms: 30 days. */
    public static final long RETENTION_MILLIS_MAX = 30L * 24 * 3_600_000;

    /** Databases are numbered from 0 to below this. */
    public static final int DATABASES = 16;

    /** Longest time for which one hold may last, in ms: 7 days. */
    public static final long HOLD_MILLIS_MAX = 7L * 24 * 3_600_000;

    /** Most holds at a time. */
    public static final int HOLDS_MAX = 64;

    /** Longest name of a hold, in characters. */
    public static final int HOLD_NAME_LENGTH_MAX = 64;

    private static final String RETENTION = "history.retention.";
    private static final String HOLD = "history.hold.";

    /** Before anybody set anything. */
    public static final HistoryPolicy NONE =
            new HistoryPolicy(Collections.emptySortedMap(), Collections.emptySortedMap());

    public HistoryPolicy {
        retentionMillis = Collections.unmodifiableSortedMap(new TreeMap<>(retentionMillis));
        holds = Collections.unmodifiableSortedMap(new TreeMap<>(holds));
    }

    /**
     * Somebody needs the past from {@code timestamp} on, until {@code untilMillis} of the oracle's time at the longest.
     */
    public record Hold(long timestamp, long untilMillis) {

        boolean standsAt(long now) {
            return Timestamp.millis(now) < untilMillis;
        }
    }

    /** Returns the policy in {@code settings}; what cannot be read counts as absent. */
    public static HistoryPolicy of(Map<String, String> settings) {
        TreeMap<Integer, Long> retention = new TreeMap<>();
        TreeMap<String, Hold> holds = new TreeMap<>();
        settings.forEach((name, value) -> {
            if (name.startsWith(RETENTION)) {
                numbers(name.substring(RETENTION.length()) + " " + value, 2).ifPresent(numbers -> {
                    if (isDatabase(numbers[0]) && isRetention(numbers[1])) {
                        retention.put((int) numbers[0], numbers[1]);
                    }
                });
            } else if (name.startsWith(HOLD)) {
                numbers(value, 2)
                        .ifPresent(
                                numbers -> holds.put(name.substring(HOLD.length()), new Hold(numbers[0], numbers[1])));
            }
        });
        return new HistoryPolicy(retention, holds);
    }

    private static Optional<long[]> numbers(String text, int count) {
        String[] words = text.split(" ");
        if (words.length != count) {
            return Optional.empty();
        }
        long[] numbers = new long[count];
        try {
            for (int i = 0; i < count; i++) {
                numbers[i] = Long.parseLong(words[i]);
            }
        } catch (NumberFormatException foreign) {
            return Optional.empty();
        }
        return Optional.of(numbers);
    }

    /** Returns whether there is a database {@code number}. */
    public static boolean isDatabase(long number) {
        return number >= 0 && number < DATABASES;
    }

    /** Returns whether {@code millis} may be a retention. */
    public static boolean isRetention(long millis) {
        return millis >= RETENTION_MILLIS_MIN && millis <= RETENTION_MILLIS_MAX;
    }

    /** Returns the name of the setting that is the retention of {@code database}, in ms. */
    public static String retentionSetting(int database) {
        return RETENTION + database;
    }

    /** Returns the name of the setting that is the hold {@code name}. */
    public static String holdSetting(String name) {
        return HOLD + name;
    }

    /** Returns the value of the setting that is {@code hold}. */
    public static String text(Hold hold) {
        return hold.timestamp + " " + hold.untilMillis;
    }

    /** Returns the hold that keeps the safe points lowest at {@code now}, if any stands. */
    public Optional<Map.Entry<String, Hold>> lowestHold(long now) {
        return holds.entrySet().stream()
                .filter(hold -> hold.getValue().standsAt(now))
                .min((one, other) -> Long.compare(one.getValue().timestamp, other.getValue().timestamp));
    }

    /**
     * Returns the safe point of {@code database} at {@code now}, both timestamps.
     *
     * @throws IllegalArgumentException if its past is not kept
     */
    public long safePoint(int database, long now) {
        long own = unheld(database, now);
        return lowestHold(now)
                .map(hold -> Math.min(own, hold.getValue().timestamp))
                .orElse(own);
    }

    /** Returns what {@link #safePoint} would be if nobody held it. */
    public long unheld(int database, long now) {
        Long millis = retentionMillis.get(database);
        if (millis == null) {
            throw new IllegalArgumentException("no past is kept of database " + database);
        }
        return Timestamp.of(Math.max(0, Timestamp.millis(now) - millis), 0);
    }
}
