package io.kvasir.tools.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a demo ends with: one page, and a verdict. All times in nanoseconds. */
record Page(
        int packages,
        int loaded,
        long loadNanos,
        Ledger.Counts counts,
        int kills,
        long longestStartNanos,
        String killerFailure,
        KeyComparison.Result comparison,
        long compareNanos,
        FilePassage.Result carried,
        Resources resources) {

    private static final double SECOND = 1e9;
    private static final int MIB_SHIFT = 20;

    /**
     * Returns whether all acknowledged writes are there, nothing else is, and nothing went wrong that no kill explains.
     */
    boolean passed() {
        return comparison.differences() == 0
                && comparison.keys() > 0
                && carried.comparison().differences() == 0
                && carried.exported() > 0
                && carried.imported() > 0
                && counts.wrong() == 0
                && counts.abandoned() == 0
                && loaded > 0
                && kills > 0
                && killerFailure.isEmpty();
    }

    /** Returns the page. */
    String text() {
        List<String> lines = new ArrayList<>(List.of(
                "",
                line("packages", "%,d of %,d in %.1f s", loaded, packages, loadNanos / SECOND),
                line(
                        "writes",
                        "%,d acknowledged, %,.0f a second",
                        counts.acknowledged(),
                        counts.acknowledged() / (loadNanos / SECOND)),
                line(
                        "kills",
                        "%d by SIGKILL; a node served again after %.1f s at most",
                        kills,
                        longestStartNanos / SECOND),
                line("refused", "%,d times a write was refused without effect, and sent again", counts.refused()),
                line(
                        "unknown",
                        "%,d times a write's outcome was not known: %,d sent again, %,d left so, which must not be",
                        counts.lost(),
                        counts.lost() - counts.open(),
                        counts.open()),
                line("errors", "%,d; writes not acknowledged in time: %,d", counts.wrong(), counts.abandoned()),
                line(
                        "pauses",
                        "a write waited %.2f s at most; %.2f s at most without any acknowledgement",
                        counts.longestNanos() / SECOND,
                        counts.silenceNanos() / SECOND),
                line(
                        "keys",
                        "%,d compared with Redis by type, value and time to live in %.1f s: %,d differ,"
                                + " %,d lack a write of unknown outcome",
                        comparison.keys(),
                        compareNanos / SECOND,
                        comparison.differences(),
                        comparison.either()),
                line(
                        "rdb",
                        "%,d keys exported into a file that a redis-server loaded, in %.1f s; %,d of Redis' own file"
                                + " imported in %.1f s; %,d compared: %,d differ",
                        carried.exported(),
                        carried.exportNanos() / SECOND,
                        carried.imported(),
                        carried.importNanos() / SECOND,
                        carried.comparison().keys(),
                        carried.comparison().differences()),
                line(
                        "memory",
                        "%,d MiB in three nodes; redis-server %,d MiB",
                        resources.nodesResidentBytes() >> MIB_SHIFT,
                        resources.oracleResidentBytes() >> MIB_SHIFT),
                line("disk", "%,d MiB in three nodes", resources.nodesDiskBytes() >> MIB_SHIFT)));
        counts.errors().forEach(error -> lines.add("           " + error));
        comparison.shown().forEach(difference -> lines.add("           " + difference));
        carried.comparison().shown().forEach(difference -> lines.add("           through RDB: " + difference));
        if (!killerFailure.isEmpty()) {
            lines.add("           a node could not be killed or started: " + killerFailure);
        }
        lines.add(line("verdict", "%s", passed() ? "PASSED: nothing acknowledged is lost" : "FAILED"));
        return String.join("\n", lines);
    }

    private static String line(String title, String format, Object... values) {
        return String.format(Locale.ROOT, "%-11s", title) + String.format(Locale.ROOT, format, values);
    }
}
