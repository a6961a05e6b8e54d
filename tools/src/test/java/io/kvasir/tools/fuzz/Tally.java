package io.kvasir.tools.fuzz;

import io.kvasir.gateway.fuzz.Differential;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What was compared so far, and what came of it. Guarded by itself. */
final class Tally {

    private static final long PROGRESS_NANOS = Duration.ofSeconds(10).toNanos();
    private static final int UNDETERMINED_MAX = 100;

    private final PrintStream out;
    private final long begin = System.nanoTime();
    private final Map<String, Rate> rates = new TreeMap<>();
    private long progress = begin;
    private long scripts;
    private long commands;
    private long audits;
    private long repeats;
    private long refused;
    private long watchesFailed;
    private int undetermined;
    private int differences;

    /** What was compared in one form, as "in MULTI", and how long its lanes took. */
    private static final class Rate {

        private long commands;
        private long nanos;
    }

    Tally(PrintStream out) {
        this.out = out;
    }

    synchronized void add(String form, Differential.Result result, long nanos) {
        scripts += result.scripts();
        commands += result.commands();
        audits += result.audits();
        Rate rate = rates.computeIfAbsent(form, first -> new Rate());
        rate.commands += result.commands();
        rate.nanos += nanos;
        if (System.nanoTime() - progress >= PROGRESS_NANOS) {
            progress = System.nanoTime();
            out.printf(Locale.ROOT, "  %5.0f s  %,11d commands  differences %d%n", seconds(), commands, differences);
        }
    }

    /** Notes a script that was sent again because a command in a piece of it was refused for the moment. */
    synchronized void refused() {
        refused++;
    }

    /** Notes a script that was sent again because a WATCH failed at one side alone. */
    synchronized void watchFailed() {
        watchesFailed++;
    }

    synchronized void repeats(long more) {
        repeats += more;
    }

    /** Notes a script that was given up; returns whether there are too many of them. */
    synchronized boolean undetermined(String why) {
        if (undetermined == 0) {
            out.println("  the first script that is given up: " + why);
        }
        return ++undetermined > UNDETERMINED_MAX;
    }

    synchronized void difference(String text) {
        differences++;
        out.println("\n" + text + "\n");
    }

    synchronized int differences() {
        return differences;
    }

    synchronized long commands() {
        return commands;
    }

    /** Prints how fast each form was, and begins anew. */
    synchronized void rates() {
        rates.forEach((form, rate) -> out.printf(
                Locale.ROOT,
                "  %,11d commands %s, %,.0f a second in each lane%n",
                rate.commands,
                form,
                rate.commands / Math.max(1e-9, rate.nanos / 1e9)));
        rates.clear();
    }

    synchronized void summary() {
        out.printf(
                Locale.ROOT,
                "%s: %,d commands in %,d scripts, and %,d that read what these left, in %.0f s; differences: %d;"
                        + " asked again %d times, scripts sent again: %d, and for a WATCH that failed: %d, given up with an"
                        + " unknown outcome: %d%n",
                differences == 0 ? "no difference" : "DIFFERENCES",
                commands,
                scripts,
                audits,
                seconds(),
                differences,
                repeats,
                refused,
                watchesFailed,
                undetermined);
    }

    private double seconds() {
        return (System.nanoTime() - begin) / 1e9;
    }
}
