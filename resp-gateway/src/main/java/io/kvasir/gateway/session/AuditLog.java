package io.kvasir.gateway.session;

import io.kvasir.gateway.acl.AclLog;
import io.kvasir.gateway.acl.Denial;
import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who did what to this node: administrative commands, those that change or remove what is not their own (FLUSHALL,
 * SWAPDB, RESTORE, MIGRATE), logins, and all that was refused; docs/audit.md has the lines. Without {@link #open}
 * nothing is written.
 *
 * <p>Whoever notes something does not wait: lines go through a bounded queue to one thread that writes them. Lines that
 * find no place are counted, and a line says how many are missing. The files are bounded in size and number; the oldest
 * is dropped. Safe for any thread.
 */
public final class AuditLog implements AutoCloseable {

    /** Lines that may wait to be written. */
    static final int WAITING_MAX = 10_000;

    /** Words of a command, and bytes of a word, that are written. */
    private static final int WORDS_MAX = 32;

    private static final int WORD_BYTES_MAX = 256;
    private static final long CLOSE_MILLIS_MAX = 2_000;
    private static final String END = "";

    private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);

    private final LongSupplier unixMillis;
    private final BlockingQueue<String> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
    private final LongAdder lost = new LongAdder();
    private volatile @Nullable Thread writer;

    /** @param unixMillis the time of lines, in ms since the Unix epoch; it decides nothing */
    AuditLog(LongSupplier unixMillis) {
        this.unixMillis = unixMillis;
    }

    /**
     * Begins to write. Called once.
     *
     * @param file the newest lines; older ones in FILE.1, FILE.2 …
     * @param bytesMax of one file
     * @param files how many there are at most, from 1
     */
    public void open(Path file, long bytesMax, int files) {
        Thread thread = Thread.ofPlatform().name("kvasir-audit").daemon().unstarted(() -> new AuditFiles(
                        file, bytesMax, files)
                .run());
        writer = thread;
        thread.start();
    }

    /** Notes a command that {@code session} has called, if it is one of those. */
    public void called(Session session, CommandSpec spec, byte[][] words) {
        if (writer != null && isAudited(spec, words)) {
            StringBuilder line = line(session.multi().begun() ? "queued" : "called", session.userName());
            line.append(" client=").append(session.address()).append(" id=").append(session.id());
            line.append(" tls=").append(session.tls() ? "yes" : "no");
            line.append(" db=").append(session.database());
            append(Redaction.of(words), line);
            note(line);
        }
    }

    /**
     * Notes that {@code user} was refused something.
     *
     * @param client as CLIENT LIST shows it; empty if a script did it
     */
    public void denied(Denial denial, AclLog.Context context, String user, String client) {
        if (writer != null) {
            StringBuilder line = line("denied", user);
            line.append(" reason=").append(denial.reason().logName());
            line.append(" context=").append(context.name().toLowerCase(java.util.Locale.ROOT));
            append(new byte[][] {bytes(denial.object()), bytes(client)}, line);
            note(line);
        }
    }

    private static boolean isAudited(CommandSpec spec, byte[][] words) {
        return spec.is(CommandFlag.ADMIN)
                || spec.is(CommandFlag.WRITE)
                        && spec.categories().contains(AclCategory.DANGEROUS)
                        && spec.categories().contains(AclCategory.KEYSPACE)
                || spec.name().equals("AUTH")
                || spec.name().equals("HELLO") && words.length > 2;
    }

    private StringBuilder line(String what, String user) {
        StringBuilder line = new StringBuilder(256);
        line.append(Instant.ofEpochMilli(unixMillis.getAsLong())).append(' ').append(what);
        line.append(" user=\"");
        Monitors.quote(bytes(user), line);
        return line.append('"');
    }

    private static void append(byte[][] words, StringBuilder line) {
        for (int i = 0; i < Math.min(words.length, WORDS_MAX); i++) {
            byte[] word =
                    words[i].length <= WORD_BYTES_MAX ? words[i] : java.util.Arrays.copyOf(words[i], WORD_BYTES_MAX);
            line.append(" \"");
            Monitors.quote(word, line);
            line.append(word == words[i] ? "\"" : "\"...");
        }
        if (words.length > WORDS_MAX) {
            line.append(" ...").append(words.length - WORDS_MAX).append(" more");
        }
    }

    private void note(StringBuilder line) {
        if (!waiting.offer(line.toString())) {
            lost.increment();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Writes what waits, for a bounded time, and ends. */
    @Override
    public void close() {
        Thread thread = writer;
        writer = null;
        if (thread == null) {
            return;
        }
        try {
            boolean told = waiting.offer(END, CLOSE_MILLIS_MAX, TimeUnit.MILLISECONDS);
            thread.join(told ? CLOSE_MILLIS_MAX : 1);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** The files. Confined to the thread that writes. */
    private final class AuditFiles {

        private final Path file;
        private final long bytesMax;
        private final int files;
        private boolean failing;

        AuditFiles(Path file, long bytesMax, int files) {
            this.file = file;
            this.bytesMax = bytesMax;
            this.files = files;
        }

        void run() {
            try {
                String next = waiting.take();
                while (!next.equals(END)) {
                    next = writeFrom(next);
                }
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException fault) {
                LOG.error("the audit log has ended", fault);
            }
        }

        /** Writes {@code line} and what waits behind it, up to a full file; returns the next line to write. */
        private String writeFrom(String line) throws InterruptedException {
            String next = line;
            try {
                rotate(next.length() + 1L);
                long size = Files.exists(file) ? Files.size(file) : 0;
                try (OutputStream out = open()) {
                    do {
                        size += write(next, out);
                        next = waiting.poll();
                    } while (next != null && !next.equals(END) && size + next.length() + 1 <= bytesMax);
                    long missing = lost.sumThenReset();
                    if (missing > 0) {
                        write(Instant.ofEpochMilli(unixMillis.getAsLong()) + " lost lines=" + missing, out);
                    }
                }
                failing = false;
            } catch (IOException failed) {
                lost.increment();
                if (!failing) {
                    LOG.error("the audit log cannot be written file={}", file, failed);
                }
                failing = true;
                next = null;
            }
            return next == null ? waiting.take() : next;
        }

        private int write(String line, OutputStream out) throws IOException {
            byte[] bytes = (line + "\n").getBytes(StandardCharsets.ISO_8859_1);
            out.write(bytes);
            return bytes.length;
        }

        private OutputStream open() throws IOException {
            if (!Files.exists(file)) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            return new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.APPEND));
        }

        /** Begins a new file if {@code more} bytes find no place in this one. */
        private void rotate(long more) throws IOException {
            if (!Files.exists(file) || Files.size(file) + more <= bytesMax) {
                return;
            }
            for (int i = files - 1; i >= 1; i--) {
                Path from = i == 1 ? file : file.resolveSibling(file.getFileName() + "." + (i - 1));
                if (Files.exists(from)) {
                    Files.move(
                            from,
                            file.resolveSibling(file.getFileName() + "." + i),
                            StandardCopyOption.REPLACE_EXISTING);
                }
            }
            Files.deleteIfExists(file);
        }
    }
}
