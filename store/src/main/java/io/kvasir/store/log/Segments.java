package io.kvasir.store.log;

import io.kvasir.store.disk.Disk;
import io.kvasir.store.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The files of the log: segments with consecutive ids, the last of which is written, and spare files that are to become
 * segments.
 *
 * <p>A segment gets its name when its header and checkpoint are durable, so a file named as a segment is one. A
 * reclaimed file is reused only after the directory was synced without its old name. Confined to the writer, but for
 * {@link #find}.
 */
final class Segments {

    static final String SEGMENT_SUFFIX = ".log";
    static final String SPARE_SUFFIX = ".spare";
    private static final int NAME_DIGITS = 16;

    /**
     * Files grow by this much at a time. Zeros are written ahead of the records, because a sync of a record in space
     * that was never written must also write the file's block map.
     */
    private static final int ALLOCATION_STEP_BYTES = 4 << 20;

    private final Disk disk;
    private final Path directory;
    private final LogSettings settings;
    private final Deque<Path> spares = new ArrayDeque<>();
    private long nextSpare;
    /** Whether a name was changed since the directory was synced. */
    private boolean namesChanged;

    /** Ascending by id, without gaps; replaced, never changed. */
    private volatile Segment[] segments = {};

    Segments(Disk disk, Path directory, LogSettings settings) {
        this.disk = disk;
        this.directory = directory;
        this.settings = settings;
    }

    static String nameOf(long id) {
        return String.format("%0" + NAME_DIGITS + "x", id) + SEGMENT_SUFFIX;
    }

    /** Returns the number in a name such as {@link #nameOf} makes, or -1 if it is no such name. */
    static long numberIn(String name, String suffix) {
        if (!name.endsWith(suffix) || name.length() != NAME_DIGITS + suffix.length()) {
            return -1;
        }
        try {
            return Long.parseLong(name, 0, NAME_DIGITS, 16);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Returns the segment numbered {@code id}, or null if it was reclaimed. Safe for any thread. */
    @Nullable
    Segment find(long id) {
        Segment[] current = segments;
        long at = current.length == 0 ? -1 : id - current[0].id;
        return at < 0 || at >= current.length ? null : current[(int) at];
    }

    boolean isEmpty() {
        return segments.length == 0;
    }

    int count() {
        return segments.length;
    }

    Segment oldest() {
        return segments[0];
    }

    Segment active() {
        return segments[segments.length - 1];
    }

    /** Returns the bytes written to all segments. */
    long writtenBytes() {
        long sum = 0;
        for (Segment segment : segments) {
            sum += segment.end;
        }
        return sum;
    }

    /** Returns the bytes of the entry records that some group holds. */
    long liveBytes() {
        long sum = 0;
        for (Segment segment : segments) {
            sum += segment.liveBytes;
        }
        return sum;
    }

    /** Notes that the record of {@code length} bytes at {@code place} is no longer held by its group. */
    void died(long place, int length) {
        Segment segment = find(EntryIndex.segmentOf(place));
        if (segment != null) {
            segment.liveBytes -= length;
            assert segment.liveBytes >= 0 : "segment " + segment.id;
        }
    }

    /** Adds a segment found on the disk; ids ascend. */
    void addFound(Segment segment) {
        Segment[] grown = Arrays.copyOf(segments, segments.length + 1);
        grown[segments.length] = segment;
        segments = grown;
    }

    /** Adds a spare found on the disk, or deletes it if there are enough. */
    void addFoundSpare(String name) throws IOException {
        nextSpare = Math.max(nextSpare, numberIn(name, SPARE_SUFFIX) + 1);
        keepOrDelete(directory.resolve(name));
    }

    /** Makes all names durable if any was changed, or may have been. */
    void syncNames(boolean force) throws IOException {
        if (namesChanged || force) {
            disk.syncDirectory(directory);
            namesChanged = false;
        }
    }

    /**
     * Returns a segment to be filled with at least {@code bytes} and then to be {@link #publish}ed; nobody else sees
     * it.
     */
    Segment prepare(long id, int bytes) throws IOException {
        long salt = disk.nonce();
        Path spare = spares.poll();
        if (spare != null) {
            // Until its old name is surely gone, a power cut could bring it back with the new bytes in it.
            syncNames(false);
            DiskFile file = disk.open(spare);
            return new Segment(id, salt, spare, file, file.size());
        }
        Path path = spareName();
        long allocated = allocation(bytes);
        return new Segment(id, salt, path, disk.create(path, allocated), allocated);
    }

    /** Gives {@code prepared}, whose content is durable, its name and makes it the active segment. */
    void publish(Segment prepared) throws IOException {
        disk.rename(prepared.path, directory.resolve(nameOf(prepared.id)));
        namesChanged = true;
        syncNames(false);
        addFound(prepared);
    }

    /** Makes sure that {@code bytes} from the end of {@code segment} on are allocated. */
    void allocate(Segment segment, int bytes) throws IOException {
        long target = allocation(segment.end + bytes);
        if (target <= segment.allocated) {
            return;
        }
        ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(target - segment.allocated, 1 << 20));
        while (segment.allocated < target) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), target - segment.allocated));
            int count = zeros.remaining();
            segment.file.write(zeros, segment.allocated);
            segment.allocated += count;
        }
    }

    /** Gives up the segments below {@code firstSegment}, which a durable frame says are not needed. */
    void retireBelow(long firstSegment) throws IOException {
        while (segments[0].id < firstSegment) {
            Segment oldest = segments[0];
            segments = Arrays.copyOfRange(segments, 1, segments.length);
            oldest.file.close();
            retire(directory.resolve(nameOf(oldest.id)), oldest.allocated);
        }
    }

    /** Gives up a file named as a segment that belongs to none. */
    void retire(Path file, long bytes) throws IOException {
        namesChanged = true;
        if (spares.size() >= settings.spareSegmentsMax() || bytes > settings.segmentBytes()) {
            disk.delete(file);
            return;
        }
        Path spare = spareName();
        disk.rename(file, spare);
        spares.add(spare);
    }

    void close() throws IOException {
        for (Segment segment : segments) {
            segment.file.close();
        }
    }

    private void keepOrDelete(Path spare) throws IOException {
        if (spares.size() < settings.spareSegmentsMax()) {
            spares.add(spare);
        } else {
            disk.delete(spare);
            namesChanged = true;
        }
    }

    private Path spareName() {
        return directory.resolve(String.format("%0" + NAME_DIGITS + "x", nextSpare++) + SPARE_SUFFIX);
    }

    /**
     * Returns the length that a file is given when it must hold {@code bytes}: whole steps, so that few writes change
     * it.
     */
    private long allocation(long bytes) {
        long step = Math.min(settings.segmentBytes(), ALLOCATION_STEP_BYTES);
        long rounded = (bytes + step - 1) / step * step;
        return bytes <= settings.segmentBytes() ? Math.min(rounded, settings.segmentBytes()) : rounded;
    }
}
