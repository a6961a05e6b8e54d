package io.kvasir.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.concurrent.TimeUnit;

/** What Linux tells of processes, and waits for them. */
final class Processes {

    private static final int WAIT_SECONDS_MAX = 130;
    private static final int POLL_MILLIS = 5;

    /** Clock ticks a second in {@code /proc/PID/stat}: 100 on every Linux. */
    private static final double TICKS_A_SECOND = 100;

    private Processes() {}

    /** Returns the CPU time that {@code processes} have used, in seconds. */
    static double cpuSeconds(Collection<Long> processes) {
        long ticks = 0;
        for (long pid : processes) {
            String stat = read(pid, "stat");
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        }
        return ticks / TICKS_A_SECOND;
    }

    /** Returns the memory that {@code processes} hold, in bytes. */
    static long residentBytes(Collection<Long> processes) {
        return processes.stream().mapToLong(pid -> statusBytes(pid, "VmRSS:")).sum();
    }

    /** Returns the most memory that process {@code pid} has ever held, as the kernel saw it, in bytes. */
    static long residentPeakBytes(long pid) {
        return statusBytes(pid, "VmHWM:");
    }

    private static long statusBytes(long pid, String row) {
        return read(pid, "status")
                .lines()
                .filter(line -> line.startsWith(row))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                .sum();
    }

    /** Waits until {@code process} answers at {@code port}. */
    static void awaitPong(Process process, int port, String name) {
        long begin = System.nanoTime();
        while (!Connection.answers(port)) {
            if (!process.isAlive() || System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(WAIT_SECONDS_MAX)) {
                stop(process);
                throw new BenchException(name + " did not start");
            }
            pause(POLL_MILLIS);
        }
    }

    /** Waits for the end of {@code process} and returns its exit code. */
    static int await(Process process) {
        try {
            if (process.waitFor(WAIT_SECONDS_MAX, TimeUnit.SECONDS)) {
                return process.exitValue();
            }
            process.destroyForcibly();
            throw new BenchException("a process took longer than " + WAIT_SECONDS_MAX + " s: "
                    + process.info().commandLine().orElse(""));
        } catch (InterruptedException stopped) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted");
        }
    }

    /** Stops {@code process}, by force if it does not end by itself. */
    static void stop(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException stopped) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted");
        }
    }

    private static String read(long pid, String file) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/" + file));
        } catch (IOException ended) {
            throw new BenchException("process " + pid + " has ended");
        }
    }
}
