package io.kvasir.bench.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the threads of a node have run, and how long they waited for a core while they could have run, by their part in
 * a read: Linux counts both ({@code /proc/PID/task/TID/schedstat}). It tells whether a read waited for a thread of the
 * server or for the machine.
 *
 * @param ranNanos by part
 * @param waitedNanos by part
 */
record ThreadTimes(Map<Part, Long> ranNanos, Map<Part, Long> waitedNanos) {

    /** What a thread of a node does. */
    enum Part {
        EVENT_LOOPS,
        OWNERS,
        READERS,
        COMPILERS,
        COLLECTOR,
        REST;

        /** @param name as Linux knows it, cut at 15 characters */
        private static Part of(String name) {
            if (name.startsWith("multiThreadIoEv")) {
                return EVENT_LOOPS;
            }
            if (name.startsWith("kvasir-owner")) {
                return OWNERS;
            }
            if (name.startsWith("kvasir-read")) {
                return READERS;
            }
            if (name.startsWith("C1 Comp") || name.startsWith("C2 Comp")) {
                return COMPILERS;
            }
            return name.startsWith("GC ") || name.startsWith("G1 ") || name.startsWith("VM Thread") ? COLLECTOR : REST;
        }
    }

    /** Reads the times of all threads of {@code pid} that run now. */
    static ThreadTimes of(long pid) {
        Map<Part, Long> ran = new EnumMap<>(Part.class);
        Map<Part, Long> waited = new EnumMap<>(Part.class);
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            for (Path task : tasks.toList()) {
                try {
                    Part part = Part.of(Files.readString(task.resolve("comm")));
                    String[] times =
                            Files.readString(task.resolve("schedstat")).strip().split(" ");
                    ran.merge(part, Long.parseLong(times[0]), Long::sum);
                    waited.merge(part, Long.parseLong(times[1]), Long::sum);
                } catch (NoSuchFileException ended) {
                    // A thread that has ended meanwhile; its time is missing from the difference.
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return new ThreadTimes(ran, waited);
    }

    /** Returns "part ran+waited" in percent of one core since {@code before}, which was {@code nanos} ago. */
    String since(ThreadTimes before, long nanos) {
        return Stream.of(Part.values())
                .map(part -> String.format(
                        Locale.ROOT,
                        "%s %.0f+%.0f",
                        part.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        100.0 * difference(ranNanos, before.ranNanos, part) / nanos,
                        100.0 * difference(waitedNanos, before.waitedNanos, part) / nanos))
                .collect(Collectors.joining(", "));
    }

    private static long difference(Map<Part, Long> after, Map<Part, Long> before, Part part) {
        return Math.max(0, after.getOrDefault(part, 0L) - before.getOrDefault(part, 0L));
    }
}
