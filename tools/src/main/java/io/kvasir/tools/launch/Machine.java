package io.kvasir.tools.launch;

import io.kvasir.tools.config.MemorySplit;
import io.kvasir.tools.config.Sizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What this machine offers a cluster, and the least that a cluster needs. */
final class Machine {

    static final int JAVA_VERSION = 25;
    static final long DISK_BYTES_MIN = 2 * Sizes.GIB;
    static final long OPEN_FILES_MIN = 4096;
    static final long PROCESSES_MIN = 1024;

    /** Threads that a replica of a range has to itself. */
    static final int RANGE_THREADS = 3;

    private static final long MEMORY_DEFAULT_BYTES_MAX = 2 * Sizes.GIB;

    private Machine() {}

    /** Returns a complaint if this is not JDK 25. */
    static Optional<String> javaRefusal() {
        int feature = Runtime.version().feature();
        return feature == JAVA_VERSION
                ? Optional.empty()
                : Optional.of("needs JDK " + JAVA_VERSION + "; this is " + Runtime.version() + " at "
                        + System.getProperty("java.home"));
    }

    /** Returns a complaint if fewer than 2 GiB are free where {@code directory} is or will be. */
    static Optional<String> diskRefusal(Path directory) {
        long free = freeBytes(directory);
        return free >= DISK_BYTES_MIN
                ? Optional.empty()
                : Optional.of("needs " + Sizes.text(DISK_BYTES_MIN) + " of free disk; " + directory + " has "
                        + free / Sizes.MIB + "MiB: free some, or choose another place with --dir");
    }

    /**
     * Returns the bytes free to this user on the file system of {@code directory} or of its nearest existing parent.
     */
    static long freeBytes(Path directory) {
        Path existing = existing(directory);
        try {
            return Files.getFileStore(existing).getUsableSpace();
        } catch (IOException failed) {
            throw new LaunchException(existing + ": its free space cannot be told (" + failed.getMessage() + ")");
        }
    }

    /** Returns {@code path} or its nearest parent that exists; the root always does. */
    static Path existing(Path path) {
        Path absolute = path.toAbsolutePath();
        while (!Files.isDirectory(absolute)) {
            absolute = absolute.resolve("..").normalize();
        }
        return absolute;
    }

    /**
     * Returns a complaint if the limits on open files or processes are too low for {@code nodes} processes, each with a
     * replica of {@code ranges} ranges.
     */
    static Optional<String> limitRefusal(int nodes, int ranges) {
        long files = limit("Max open files");
        if (files < OPEN_FILES_MIN) {
            return Optional.of("needs " + OPEN_FILES_MIN + " open files a process; the limit is " + files
                    + ": raise it with ulimit -n " + OPEN_FILES_MIN);
        }
        long processes = limit("Max processes");
        long needed = (PROCESSES_MIN + (long) RANGE_THREADS * ranges) * nodes;
        return processes >= needed
                ? Optional.empty()
                : Optional.of("needs " + needed + " threads; the limit is " + processes + ": raise it with ulimit -u "
                        + needed);
    }

    /**
     * Returns the memory that {@code nodes} nodes, each with a replica of {@code ranges} ranges, share if nobody says:
     * a quarter of the machine's, within bounds.
     */
    static long defaultMemoryBytes(int nodes, int ranges) {
        long quarter = memoryBytes() / 4 / Sizes.MIB * Sizes.MIB;
        long least = MemorySplit.totalBytesMin(ranges);
        return Math.clamp(quarter, nodes * least, nodes * Math.max(least, MEMORY_DEFAULT_BYTES_MAX));
    }

    /**
     * Returns a complaint if {@code bytes} for {@code nodes} nodes are too few for them, each with a replica of
     * {@code ranges} ranges, or too many for this machine.
     */
    static Optional<String> memoryRefusal(long bytes, int nodes, int ranges) {
        long least = MemorySplit.totalBytesMin(ranges);
        if (bytes / nodes < least) {
            return Optional.of("--memory " + Sizes.text(bytes) + " is too little for " + nodes
                    + (nodes == 1 ? " node" : " nodes")
                    + (least > MemorySplit.TOTAL_BYTES_MIN ? " with " + ranges + " ranges" : "")
                    + ": each needs at least " + Sizes.text(least));
        }
        return bytes <= memoryBytes()
                ? Optional.empty()
                : Optional.of(Sizes.text(bytes) + " of memory are more than this machine has ("
                        + memoryBytes() / Sizes.MIB + "MiB): choose --nodes and --memory to fit");
    }

    /** Returns the memory of the machine, or of the container that this process is in. */
    static long memoryBytes() {
        long machine = firstNumber("/proc/meminfo", "MemTotal:").orElse(Long.MAX_VALUE / Sizes.KIB) * Sizes.KIB;
        try {
            String container =
                    Files.readString(Path.of("/sys/fs/cgroup/memory.max")).strip();
            return container.equals("max") ? machine : Math.min(machine, Long.parseLong(container));
        } catch (IOException none) {
            return machine;
        }
    }

    /**
     * Returns the hard limit of this process with that name in {@code /proc/self/limits}: the JVM raises its own to it.
     */
    static long limit(String name) {
        try {
            for (String row : Files.readAllLines(Path.of("/proc/self/limits"))) {
                if (row.startsWith(name)) {
                    String hard = row.substring(name.length()).strip().split("\\s+")[1];
                    return hard.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(hard);
                }
            }
            return Long.MAX_VALUE;
        } catch (IOException absent) {
            return Long.MAX_VALUE;
        }
    }

    private static Optional<Long> firstNumber(String file, String row) {
        try {
            return Files.readAllLines(Path.of(file)).stream()
                    .filter(line -> line.startsWith(row))
                    .findFirst()
                    .map(line ->
                            Long.valueOf(line.substring(row.length()).strip().split("\\s+")[0]));
        } catch (IOException absent) {
            return Optional.empty();
        }
    }
}
