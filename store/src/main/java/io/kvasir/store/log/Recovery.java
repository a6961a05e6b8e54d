package io.kvasir.store.log;

import io.kvasir.store.disk.Disk;
import io.kvasir.store.disk.DiskFile;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Reads a log from the disk: finds the segments, replays their frames, tells a torn tail from damage (rule K25) and
 * leaves the log ready to be written. Confined to the thread that opens the engine; used once.
 *
 * <p>Replay begins at the oldest segment with its checkpoint; entries that lay in segments reclaimed since have no
 * place then, and must have got one, or be gone, at the end.
 */
final class Recovery {

    private final Disk disk;
    private final Path directory;
    private final Catalog catalog;
    private final Segments segments;
    private final Replay replay;

    /** Number of the next frame. */
    private long sequence = 1;
    /** Oldest segment needed, as the newest frame read says. */
    private long firstSegment = 1;
    /** Where each segment's header says that the one before it ended. */
    private long[] previousEnds = {};

    private boolean mustRoll;

    Recovery(Disk disk, Path directory, Catalog catalog, Segments segments, Replay replay) {
        this.disk = disk;
        this.directory = directory;
        this.catalog = catalog;
        this.segments = segments;
        this.replay = replay;
    }

    long sequence() {
        return sequence;
    }

    long firstSegment() {
        return firstSegment;
    }

    /** Returns whether the writer must begin a new segment before it writes anything. */
    boolean mustRoll() {
        return mustRoll;
    }

    /**
     * Reads the log.
     *
     * @throws LogCorruption if acknowledged records are damaged
     */
    void run() throws IOException {
        disk.createDirectories(directory);
        List<Long> ids = new ArrayList<>();
        for (String name : disk.list(directory)) {
            if (Segments.numberIn(name, Segments.SEGMENT_SUFFIX) > 0) {
                ids.add(Segments.numberIn(name, Segments.SEGMENT_SUFFIX));
            } else if (Segments.numberIn(name, Segments.SPARE_SUFFIX) >= 0) {
                segments.addFoundSpare(name);
            }
        }
        if (ids.isEmpty()) {
            segments.syncNames(true);
            mustRoll = true;
            return;
        }
        int start = ids.size() - 1;
        while (start > 0 && ids.get(start - 1) == ids.get(start) - 1) {
            start--;
        }
        openSegments(ids.subList(start, ids.size()));
        for (int i = 0; i < segments.count(); i++) {
            readSegment(i);
        }
        verifyComplete();
        // Names seen here may not be durable yet, and nothing may be built on them before they are.
        segments.syncNames(true);
        for (long id : ids) {
            if (segments.find(id) == null) {
                Path stale = directory.resolve(Segments.nameOf(id));
                if (id >= firstSegment) {
                    throw new LogCorruption(stale, 0, "a segment after this one is missing");
                }
                disk.delete(stale);
            }
        }
        segments.syncNames(true);
    }

    /** Opens the segments {@code ids}, consecutive, from the oldest one that the last one's checkpoint needs on. */
    private void openSegments(List<Long> ids) throws IOException {
        List<Segment> opened = new ArrayList<>();
        previousEnds = new long[ids.size()];
        long[] firstSequences = new long[ids.size()];
        for (long id : ids) {
            Path path = directory.resolve(Segments.nameOf(id));
            DiskFile file = disk.open(path);
            byte[] header = new byte[Format.SEGMENT_HEADER_BYTES];
            file.read(ByteBuffer.wrap(header), 0);
            CRC32C crc = new CRC32C();
            crc.update(header, 12, header.length - 12);
            if (Format.getLong(header, 0) != Format.SEGMENT_MAGIC || Format.getInt(header, 8) != (int) crc.getValue()) {
                throw new LogCorruption(path, 0, "bad segment header");
            }
            if (Format.getInt(header, 12) != Format.VERSION) {
                throw new LogCorruption(path, 12, "unknown format version " + Format.getInt(header, 12));
            }
            if (Format.getLong(header, 16) != id) {
                throw new LogCorruption(path, 16, "segment of another name");
            }
            previousEnds[opened.size()] = Format.getLong(header, 32);
            firstSequences[opened.size()] = Format.getLong(header, 40);
            opened.add(new Segment(id, Format.getLong(header, 24), path, file, file.size()));
        }
        FrameReader.Frame newest = new FrameReader(opened.getLast()).read(Format.SEGMENT_HEADER_BYTES);
        if (newest == null) {
            throw new LogCorruption(opened.getLast().path, Format.SEGMENT_HEADER_BYTES, "bad checkpoint");
        }
        int skipped = 0;
        while (opened.get(skipped).id < newest.firstSegment()) {
            opened.get(skipped++).file.close();
        }
        previousEnds = Arrays.copyOfRange(previousEnds, skipped, previousEnds.length);
        sequence = firstSequences[skipped];
        opened.subList(skipped, opened.size()).forEach(segments::addFound);
    }

    private void readSegment(int number) throws IOException {
        Segment segment = requireSegment(segments.oldest().id + number);
        boolean last = number == segments.count() - 1;
        FrameReader reader = new FrameReader(segment);
        FrameReader.Frame newest = null;
        while (last || segment.end < previousEnds[number + 1]) {
            FrameReader.Frame frame = reader.read(segment.end);
            if (frame == null && last && !reader.anyFrameFrom(segment.end + Format.ALIGNMENT)) {
                break;
            }
            if (frame == null) {
                throw new LogCorruption(segment.path, segment.end, "bad record before others that are whole");
            }
            if (frame.sequence() != sequence) {
                throw new LogCorruption(segment.path, segment.end, "frame " + frame.sequence() + " out of sequence");
            }
            replayFrame(segment, reader, frame, number == 0);
            newest = frame;
        }
        if (newest == null || !last && segment.end != previousEnds[number + 1]) {
            throw new LogCorruption(segment.path, segment.end, "segment ends at another place than the next one says");
        }
        if (last) {
            settleTail(segment, reader, newest);
        }
    }

    private void replayFrame(Segment segment, FrameReader reader, FrameReader.Frame frame, boolean oldest) {
        try {
            if (frame.offset() > Format.SEGMENT_HEADER_BYTES) {
                reader.visit(frame, record -> replay.change(segment, record));
                segment.fresh = false;
            } else if (oldest) {
                reader.visit(frame, replay::checkpoint);
            } else {
                replay.beginComparison();
                reader.visit(frame, replay::compare);
                replay.endComparison();
            }
        } catch (IllegalArgumentException | IllegalStateException | BufferUnderflowException e) {
            throw new LogCorruption(segment.path, frame.offset(), "records contradict those before: " + e.getMessage());
        }
        segment.end = frame.offset() + frame.length();
        sequence = frame.sequence() + 1;
        firstSegment = Math.max(firstSegment, frame.firstSegment());
    }

    /**
     * Makes sure that the newest frame, which may have been written but never synced, is durable before anybody learns
     * of it. It is written again, because after a sync that failed the kernel may hold pages that look clean but are
     * not on the disk.
     */
    private void settleTail(Segment segment, FrameReader reader, FrameReader.Frame newest) throws IOException {
        segment.file.write(ByteBuffer.wrap(newest.bytes()), newest.offset());
        segment.file.datasync();
        // What is left of a torn frame, or of an earlier use of the file, is never overwritten in part.
        mustRoll = !reader.isZeroFrom(segment.end);
    }

    private void verifyComplete() {
        if (firstSegment < segments.oldest().id) {
            throw new LogCorruption(
                    directory.resolve(Segments.nameOf(segments.oldest().id - 1)), 0, "segment is missing");
        }
        for (GroupLog group : catalog.live()) {
            for (long index = group.firstIndex(); index <= group.lastIndex(); index++) {
                if (group.segmentOf(index) < firstSegment) {
                    throw new LogCorruption(
                            segments.oldest().path, 0, "entry " + index + " of " + group + " is in no segment");
                }
            }
        }
    }

    private Segment requireSegment(long id) {
        Segment segment = segments.find(id);
        if (segment == null) {
            throw new IllegalStateException("no segment " + id);
        }
        return segment;
    }
}
