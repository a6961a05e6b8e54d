package io.kvasir.region.range;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How fast a thread reads from disk beside others that answer from memory and need the same cores (rule K32, decision
 * 0008). Linux says of each thread how long it ran, and how long it could have run but had no core
 * ({@code /proc/thread-self/schedstat}). While this thread waits for cores, so do event loops: then it rests after each
 * read, for some times as long as a read takes it. Once there are cores, or nobody reads from memory, it rests less and
 * less. Where there is no such file it never rests.
 *
 * <p>Confined to the thread that made it.
 */
final class ReaderPace implements AutoCloseable {

    /** Reads between two looks at the clock of the scheduler, which costs some microseconds. */
    private static final int READS_A_LOOK = 16;

    /** Reads from memory between two looks that are worth resting for. */
    private static final int OTHERS_MIN = READS_A_LOOK / 4;

    /** How long this thread may wait for cores without resting, as a part of the time that it ran. */
    private static final double WAITED_MAX = 0.1;

    /** The longest rest after a read, in ns. */
    private static final long REST_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(2);

    /** What a look with too long a wait adds to the rest, in reads, and what is left of the rest after another look. */
    private static final double STEP = 0.5;

    private static final double DECAY = 0.75;

    /** A shorter rest than this, in reads, is none. */
    private static final double REST_MIN = 0.1;

    private static final int LINE_BYTES_MAX = 128;

    private final int restMax;
    private final LongSupplier others;
    private final @Nullable RandomAccessFile clock;
    private final byte[] line = new byte[LINE_BYTES_MAX];
    private int reads;
    private long ranNanos;
    private long waitedNanos;
    private long othersSeen;
    private double rest;
    private long restNanos;

    /**
     * @param restMax the longest rest after a read, in reads
     * @param others reads that were answered from memory so far
     */
    ReaderPace(int restMax, LongSupplier others) {
        this("/proc/thread-self/schedstat", restMax, others);
    }

    /** As above, with a file that says how long the thread ran and waited, in ns. */
    ReaderPace(String file, int restMax, LongSupplier others) {
        this.restMax = restMax;
        this.others = others;
        clock = restMax > 0 ? open(file) : null;
    }

    private static @Nullable RandomAccessFile open(String file) {
        try {
            return new RandomAccessFile(file, "r");
        } catch (IOException noLinux) {
            return null;
        }
    }

    /** Rests after a read, if others need the core. */
    void afterRead() {
        if (clock == null) {
            return;
        }
        if (++reads == READS_A_LOOK) {
            reads = 0;
            look(clock);
        }
        if (restNanos > 0) {
            LockSupport.parkNanos(restNanos);
        }
    }

    /** Returns the rest after a read, in ns. */
    long restNanos() {
        return restNanos;
    }

    private void look(RandomAccessFile file) {
        long ran;
        long waited;
        try {
            file.seek(0);
            int length = file.read(line);
            String[] fields = new String(line, 0, length, StandardCharsets.US_ASCII).split(" ");
            ran = Long.parseLong(fields[0]) - ranNanos;
            waited = Long.parseLong(fields[1]) - waitedNanos;
        } catch (IOException | IndexOutOfBoundsException | NumberFormatException unreadable) {
            restNanos = 0;
            return;
        }
        long seen = others.getAsLong();
        boolean wanted = waited > WAITED_MAX * ran && seen - othersSeen >= OTHERS_MIN;
        ranNanos += ran;
        waitedNanos += waited;
        othersSeen = seen;
        rest = wanted ? Math.min(restMax, rest + STEP) : rest * DECAY;
        restNanos = rest < REST_MIN ? 0 : Math.min(REST_NANOS_MAX, (long) (rest * ran / READS_A_LOOK));
    }

    @Override
    public void close() {
        try {
            if (clock != null) {
                clock.close();
            }
        } catch (IOException closed) {
            // nothing was written
        }
    }
}
