package io.kvasir.gateway.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Peaks of latency, as LATENCY shows them (redis latency.c): for each kind of event its last samples that took
 * latency-monitor-threshold or longer, one a second, the largest of that second. The events are "command" and
 * "fast-command". Guarded by its own monitor, which is taken only for a command that is slow.
 */
final class LatencyMonitor {

    /** Samples kept of an event. */
    static final int SAMPLES_MAX = 160;

    /** The largest latency of one second. */
    record Sample(long unixSeconds, long millis) {}

    /** An event's last sample and the largest it ever had. */
    record Latest(String event, Sample last, long mostMillis) {}

    private static final class Event {

        private final Deque<Sample> samples = new ArrayDeque<>();
        private long mostMillis;
    }

    private final LongSupplier unixMillis;
    private final Map<String, Event> events = new TreeMap<>();
    private volatile long thresholdNanos = Long.MAX_VALUE;

    /** @param unixMillis the time shown with a sample, in ms since the Unix epoch; it decides nothing */
    LatencyMonitor(LongSupplier unixMillis) {
        this.unixMillis = unixMillis;
    }

    /** Sets which samples are kept: those of {@code millis} or longer; 0 for none. */
    void threshold(long millis) {
        thresholdNanos = millis <= 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(millis);
    }

    boolean isOn() {
        return thresholdNanos != Long.MAX_VALUE;
    }

    /** Keeps a sample if it is slow. */
    void offer(String event, long tookNanos) {
        if (tookNanos >= thresholdNanos) {
            add(event, TimeUnit.NANOSECONDS.toMillis(tookNanos));
        }
    }

    /** Returns the time that samples bear now. */
    long unixSeconds() {
        return TimeUnit.MILLISECONDS.toSeconds(unixMillis.getAsLong());
    }

    private synchronized void add(String name, long millis) {
        Event event = events.computeIfAbsent(name, none -> new Event());
        event.mostMillis = Math.max(event.mostMillis, millis);
        long now = TimeUnit.MILLISECONDS.toSeconds(unixMillis.getAsLong());
        Sample last = event.samples.peekLast();
        if (last != null && last.unixSeconds == now) {
            event.samples.removeLast();
            event.samples.addLast(new Sample(now, Math.max(last.millis, millis)));
            return;
        }
        event.samples.addLast(new Sample(now, millis));
        if (event.samples.size() > SAMPLES_MAX) {
            event.samples.removeFirst();
        }
    }

    /** Returns the samples of {@code event}, the oldest first. */
    synchronized List<Sample> history(String event) {
        Event known = events.get(event);
        return known == null ? List.of() : List.copyOf(known.samples);
    }

    synchronized List<Latest> latest() {
        List<Latest> all = new ArrayList<>();
        events.forEach((name, event) -> all.add(new Latest(name, event.samples.getLast(), event.mostMillis)));
        return all;
    }

    /** Forgets {@code names}, all if there are none, and returns how many were known. */
    synchronized long reset(List<String> names) {
        if (names.isEmpty()) {
            long known = events.size();
            events.clear();
            return known;
        }
        return names.stream().filter(name -> events.remove(name) != null).count();
    }
}
