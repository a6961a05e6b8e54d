package io.kvasir.gateway.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The last commands of this gateway that took long, from their receipt to their reply, and the peaks of what commands
 * took. Guarded by its own monitor, which is taken only for a command that is slow.
 */
public final class SlowLog {

    /** Entries kept at most, whatever slowlog-max-len says. */
    static final int ENTRIES_MAX = 100_000;

    /** Words and bytes of one command that are kept (redis slowlog.h). */
    private static final int WORDS_MAX = 32;

    private static final int WORD_BYTES_MAX = 128;

    /** One command. Arrays are not copied and must not be changed. */
    record Entry(long id, long unixSeconds, long micros, List<byte[]> words, String address, String name) {}

    private final LongSupplier unixMillis;
    private final LatencyMonitor peaks;
    private final Deque<Entry> newestFirst = new ArrayDeque<>();
    private long lastId = -1;
    private int entriesMax;
    private volatile long thresholdNanos;

    /** @param unixMillis the time shown with an entry, in ms since the Unix epoch; it decides nothing */
    public SlowLog(LongSupplier unixMillis) {
        this.unixMillis = unixMillis;
        peaks = new LatencyMonitor(unixMillis);
        limits(10_000, 128);
    }

    /**
     * Sets which commands are kept.
     *
     * @param thresholdMicros commands that take longer, in us; negative for none
     * @param entries how many of them
     */
    void limits(long thresholdMicros, int entries) {
        synchronized (this) {
            entriesMax = entries;
            trim();
        }
        thresholdNanos = thresholdMicros < 0 ? Long.MAX_VALUE : TimeUnit.MICROSECONDS.toNanos(thresholdMicros);
    }

    LatencyMonitor peaks() {
        return peaks;
    }

    /**
     * Keeps the command if it was slow.
     *
     * @param fast whether it is one of those that Redis calls fast
     */
    public void offer(Session session, byte[][] words, boolean fast, long tookNanos) {
        peaks.offer(fast ? "fast-command" : "command", tookNanos);
        if (tookNanos >= thresholdNanos) {
            add(session, words, tookNanos);
        }
    }

    synchronized List<Entry> newest(int count) {
        List<Entry> found = new ArrayList<>(Math.min(count, newestFirst.size()));
        for (Entry entry : newestFirst) {
            if (found.size() == count) {
                break;
            }
            found.add(entry);
        }
        return found;
    }

    synchronized int size() {
        return newestFirst.size();
    }

    synchronized void clear() {
        newestFirst.clear();
    }

    private synchronized void add(Session session, byte[][] words, long tookNanos) {
        long micros = TimeUnit.NANOSECONDS.toMicros(tookNanos);
        long seconds = TimeUnit.MILLISECONDS.toSeconds(unixMillis.getAsLong());
        lastId++;
        newestFirst.addFirst(
                new Entry(lastId, seconds, micros, shortened(Redaction.of(words)), session.address(), session.name()));
        trim();
    }

    private void trim() {
        while (newestFirst.size() > entriesMax) {
            newestFirst.removeLast();
        }
    }

    private static List<byte[]> shortened(byte[][] words) {
        List<byte[]> kept = new ArrayList<>();
        for (int i = 0; i < words.length; i++) {
            if (i == WORDS_MAX - 1 && words.length > WORDS_MAX) {
                kept.add(ascii("... (" + (words.length - WORDS_MAX + 1) + " more arguments)"));
                break;
            }
            kept.add(shortened(words[i]));
        }
        return kept;
    }

    private static byte[] shortened(byte[] word) {
        if (word.length <= WORD_BYTES_MAX) {
            return word;
        }
        byte[] tail = ascii("... (" + (word.length - WORD_BYTES_MAX) + " more bytes)");
        byte[] cut = new byte[WORD_BYTES_MAX + tail.length];
        System.arraycopy(word, 0, cut, 0, WORD_BYTES_MAX);
        System.arraycopy(tail, 0, cut, WORD_BYTES_MAX, tail.length);
        return cut;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }
}
