package io.kvasir.store.log;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * The newest entries of all groups, in memory up to a bound, oldest first out. The queue over all groups is confined to
 * the writer; the runs of a group are guarded by that group's lock.
 */
final class RecentEntries {

    /** Entries that were appended together. Guarded by the lock of {@link #group}. */
    static final class Run {
        private static final Entry[] NONE = {};

        final GroupLog group;
        final long firstIndex;
        Entry[] entries;

        Run(GroupLog group, long firstIndex, Entry[] entries) {
            this.group = group;
            this.firstIndex = firstIndex;
            this.entries = entries;
        }

        long end() {
            return firstIndex + entries.length;
        }

        long bytes() {
            long bytes = 0;
            for (Entry entry : entries) {
                bytes += ENTRY_OVERHEAD_BYTES + entry.data().length;
            }
            return bytes;
        }

        /** Keeps the first {@code count} entries and returns the bytes set free. */
        long keep(int count) {
            long before = bytes();
            entries = count == 0 ? NONE : Arrays.copyOf(entries, count);
            return before - bytes();
        }
    }

    /** What an entry costs beside its data: two headers and a reference. */
    private static final int ENTRY_OVERHEAD_BYTES = 48;

    private final long bytesMax;
    private final Deque<Run> runs = new ArrayDeque<>();
    private long bytes;

    RecentEntries(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** Takes {@code run}, which is already in its group, into account, and evicts the oldest until all fit. */
    void add(Run run) {
        runs.add(run);
        bytes += run.bytes();
        while (bytes > bytesMax) {
            Run oldest = runs.remove();
            bytes -= oldest.group.forget(oldest);
        }
    }

    /** Says that {@code count} bytes of runs were dropped because their entries were. */
    void dropped(long count) {
        bytes -= count;
        while (!runs.isEmpty() && runs.element().entries.length == 0) {
            runs.remove();
        }
    }

    long bytes() {
        return bytes;
    }
}
