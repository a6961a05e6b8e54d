package io.kvasir.region.range;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers of the disk rest while those who read from memory lack cores, and only then (rule K32). */
final class ReaderPaceTest {

    private static final int REST_MAX = 3;
    private static final long READ_NANOS = 20_000;
    private static final int READS_A_LOOK = 16;

    @TempDir
    private Path folder;

    private Path file;
    private long ranNanos;
    private long waitedNanos;
    private long others;

    @BeforeEach
    void begin() throws IOException {
        file = folder.resolve("schedstat");
        tell();
    }

    @Test
    void aReaderRestsWhileItWaitsForCoresThatOthersNeed() throws IOException {
        try (ReaderPace pace = new ReaderPace(file.toString(), REST_MAX, () -> others)) {
            assertEquals(0, readMore(pace, 0, 100));
            long first = readMore(pace, READ_NANOS, 100);
            assertTrue(first > 0 && first < REST_MAX * READ_NANOS, () -> "rested " + first);
            for (int i = 0; i < 10; i++) {
                readMore(pace, READ_NANOS, 100);
            }
            assertEquals(REST_MAX * READ_NANOS, readMore(pace, READ_NANOS, 100));
            for (int i = 0; i < 20; i++) {
                readMore(pace, 0, 100);
            }
            assertEquals(0, pace.restNanos());
        }
    }

    @Test
    void aReaderThatIsAloneNeverRests() throws IOException {
        try (ReaderPace pace = new ReaderPace(file.toString(), REST_MAX, () -> others)) {
            for (int i = 0; i < 10; i++) {
                assertEquals(0, readMore(pace, READ_NANOS, 0));
            }
        }
    }

    @Test
    void nobodyRestsIfThatIsSwitchedOffOrTheSystemDoesNotTell() throws IOException {
        try (ReaderPace off = new ReaderPace(file.toString(), 0, () -> others);
                ReaderPace blind = new ReaderPace(folder.resolve("none").toString(), REST_MAX, () -> others)) {
            assertEquals(0, readMore(off, READ_NANOS, 100));
            assertEquals(0, readMore(blind, READ_NANOS, 100));
        }
        Files.writeString(file, "nothing");
        try (ReaderPace confused = new ReaderPace(file.toString(), REST_MAX, () -> others)) {
            for (int i = 0; i < READS_A_LOOK; i++) {
                confused.afterRead();
            }
            assertEquals(0, confused.restNanos());
        }
    }

    @Test
    void theFileOfThisSystemIsUnderstood() {
        try (ReaderPace pace = new ReaderPace(REST_MAX, () -> others)) {
            for (int i = 0; i < 10 * READS_A_LOOK; i++) {
                pace.afterRead();
            }
            assertTrue(pace.restNanos() <= TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    /** Has {@code pace} look once, after the thread has waited {@code waited} ns for each of its reads. */
    private long readMore(ReaderPace pace, long waited, int byOthers) throws IOException {
        ranNanos += READS_A_LOOK * READ_NANOS;
        waitedNanos += READS_A_LOOK * waited;
        others += byOthers;
        tell();
        for (int i = 0; i < READS_A_LOOK; i++) {
            pace.afterRead();
        }
        return pace.restNanos();
    }

    private void tell() throws IOException {
        Files.writeString(file, ranNanos + " " + waitedNanos + " 7\n");
    }
}
