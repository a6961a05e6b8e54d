package io.kvasir.tools.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A process of this machine, told apart from a later one with the same number by its start time.
 *
 * @param pid the process' number
 * @param startTicks field 22 of {@code /proc/PID/stat}: clock ticks between the machine's start and the process'
 */
record OsProcess(long pid, long startTicks) {

    private static final int STATE_FIELD = 3;
    private static final int THREADS_FIELD = 20;
    private static final int START_FIELD = 22;
    private static final Set<String> LAST_THREAD = Set.of("0", "1");
    private static final long SIGNAL_SECONDS_MAX = 10;

    /** Signals by the name that {@code kill} knows. */
    enum Signal {
        TERM,
        KILL,
        STOP,
        CONT
    }

    static OsProcess current() {
        long pid = ProcessHandle.current().pid();
        return of(pid).orElseThrow(() -> new LaunchException("/proc does not show this process; Kvasir needs Linux"));
    }

    /** Returns the process with number {@code pid}, empty if there is none. */
    static Optional<OsProcess> of(long pid) {
        return field(pid, START_FIELD).map(ticks -> new OsProcess(pid, Long.parseLong(ticks)));
    }

    /** Reads what {@link #toString} wrote; empty if it is something else. */
    static Optional<OsProcess> parse(String text) {
        String[] words = text.strip().split(" ");
        return words.length == 2 && words[0].matches("[0-9]{1,18}") && words[1].matches("[0-9]{1,18}")
                ? Optional.of(new OsProcess(Long.parseLong(words[0]), Long.parseLong(words[1])))
                : Optional.empty();
    }

    /**
     * Returns whether this very process still runs; one that ended and waits to be reaped does not. The first thread of
     * a process that was killed may be a zombie while others are still ending: until then its sockets and locks are
     * held.
     */
    boolean isAlive() {
        return of(pid).equals(Optional.of(this))
                && !(field(pid, STATE_FIELD).equals(Optional.of("Z"))
                        && field(pid, THREADS_FIELD)
                                .filter(LAST_THREAD::contains)
                                .isPresent());
    }

    /** Returns whether it is alive and stopped by a signal. */
    boolean isPaused() {
        return isAlive() && field(pid, STATE_FIELD).equals(Optional.of("T"));
    }

    /** Stops the process and waits until its last thread stands still; returns false if that takes too long. */
    boolean pause() {
        send(Signal.STOP);
        long begin = LocalTime.nanos();
        while (isAlive() && !isPaused()) {
            if (LocalTime.nanos() - begin > TimeUnit.SECONDS.toNanos(SIGNAL_SECONDS_MAX)) {
                return false;
            }
            LocalTime.pause(5);
        }
        return true;
    }

    /** Sends {@code signal}; nothing happens if the process has ended. */
    void send(Signal signal) {
        if (!isAlive()) {
            return;
        }
        try {
            Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + pid)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!kill.waitFor(SIGNAL_SECONDS_MAX, TimeUnit.SECONDS) || kill.exitValue() != 0 && isAlive()) {
                throw new LaunchException("process " + pid + " cannot be sent " + signal + "; is it another user's?");
            }
        } catch (IOException failed) {
            throw new LaunchException(
                    "process " + pid + " cannot be sent " + signal + " (" + failed.getMessage() + ")");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new LaunchException("interrupted");
        }
    }

    /** Waits until the process has ended; returns whether it did within {@code millisMax}. */
    boolean awaitEnd(long millisMax) {
        long begin = LocalTime.nanos();
        while (isAlive()) {
            if (LocalTime.nanos() - begin > TimeUnit.MILLISECONDS.toNanos(millisMax)) {
                return false;
            }
            LocalTime.pause(10);
        }
        return true;
    }

    @Override
    public String toString() {
        return pid + " " + startTicks;
    }

    /** Field {@code number} of proc(5)'s stat, counted from 1; the second one may hold blanks and parentheses. */
    private static Optional<String> field(long pid, int number) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Optional.of(afterName[number - STATE_FIELD]);
        } catch (IOException ended) {
            return Optional.empty();
        }
    }
}
