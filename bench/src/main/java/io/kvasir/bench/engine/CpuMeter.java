package io.kvasir.bench.engine;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * CPU and wall time, and bytes written to disk, since it was started. CPU counts are what to compare on a machine that
 * others use too. Confined to the thread that started it.
 */
final class CpuMeter {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final OperatingSystemMXBean PROCESS =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private final long threadNanos = THREADS.getCurrentThreadCpuTime();
    private final long processNanos = PROCESS.getProcessCpuTime();
    private final long wallNanos = System.nanoTime();
    private final long writtenBytes = writtenBytesNow();

    /** CPU of this thread, in ns. */
    long threadNanos() {
        return THREADS.getCurrentThreadCpuTime() - threadNanos;
    }

    /** CPU of the whole process, in ns: with flushes, compactions and the garbage collector. */
    long processNanos() {
        return PROCESS.getProcessCpuTime() - processNanos;
    }

    /** Wall time, in ns. */
    long wallNanos() {
        return System.nanoTime() - wallNanos;
    }

    /** Bytes that the process gave to the disk, as Linux counts them. */
    long writtenBytes() {
        return writtenBytesNow() - writtenBytes;
    }

    private static long writtenBytesNow() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/io"))) {
                if (line.startsWith("write_bytes: ")) {
                    return Long.parseLong(line.substring("write_bytes: ".length()));
                }
            }
            throw new IllegalStateException("/proc/self/io has no write_bytes");
        } catch (IOException e) {
            throw new IllegalStateException("bytes written are counted on Linux only", e);
        }
    }
}
