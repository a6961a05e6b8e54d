package io.kvasir.tools.transfer;

import io.kvasir.region.time.Ticker;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Counts what was transferred and says so every few seconds and at the end. Confined to one thread. */
final class Progress {

    private static final long LINE_NANOS = 2_000_000_000L;
    private static final int PROBLEMS_MAX = 10;

    private final PrintStream out;
    private final Ticker ticker;
    private final long begin;
    private final List<String> problems = new ArrayList<>();
    private long lastLine;
    private long keys;
    private long bytes;
    private long passedOver;
    private long failed;

    Progress(PrintStream out, Ticker ticker) {
        this.out = out;
        this.ticker = ticker;
        this.begin = ticker.nanoTime();
        this.lastLine = begin;
    }

    /** Prints a line. */
    void say(String line) {
        out.println(line);
    }

    /** Forgets what was counted, for the reason given. */
    void restart(String why) {
        out.println(why);
        problems.clear();
        keys = 0;
        bytes = 0;
        passedOver = 0;
        failed = 0;
    }

    /** Counts a key that arrived. */
    void key(long keyBytes) {
        keys++;
        bytes += keyBytes;
        long now = ticker.nanoTime();
        if (now - lastLine >= LINE_NANOS) {
            lastLine = now;
            out.println(line(now));
        }
    }

    /** Counts a key that was not taken, which is not a failure, as {@code why} says. */
    void passedOver(String why) {
        passedOver++;
        note(why);
    }

    /** Counts a key that did not arrive. */
    void failed(String why) {
        failed++;
        note(why);
    }

    long keys() {
        return keys;
    }

    long failures() {
        return failed;
    }

    /** Returns how many keys were passed over because their type is not available. */
    long passedOver() {
        return passedOver;
    }

    /** Prints what was passed over or failed, and the totals behind {@code verb}. */
    void summary(String verb) {
        problems.forEach(out::println);
        long more = passedOver + failed - problems.size();
        if (more > 0) {
            out.println("… and " + more + " more");
        }
        out.println(verb + " " + line(ticker.nanoTime())
                + (passedOver == 0 ? "" : ", " + passedOver + " passed over")
                + (failed == 0 ? "" : ", " + failed + " FAILED"));
    }

    private void note(String why) {
        if (problems.size() < PROBLEMS_MAX) {
            problems.add("  " + why);
        }
    }

    private String line(long now) {
        double seconds = Math.max((now - begin) / 1e9, 1e-3);
        return String.format(
                Locale.ROOT,
                "%,d keys, %,.1f MiB in %.1f s, %,.0f keys/s",
                keys,
                bytes / 1_048_576.0,
                seconds,
                keys / seconds);
    }

    /** Returns {@code key} as text for a person: printable ASCII, other bytes as \xHH. */
    static String name(byte[] key) {
        StringBuilder text = new StringBuilder("'");
        for (int i = 0; i < Math.min(key.length, 60); i++) {
            int b = key[i] & 0xFF;
            text.append(b >= ' ' && b < 0x7F ? Character.toString(b) : String.format("\\x%02x", b));
        }
        return text.append(key.length > 60 ? "…'" : "'").toString();
    }
}
