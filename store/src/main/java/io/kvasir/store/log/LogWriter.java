package io.kvasir.store.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Queue;
import java.util.zip.CRC32C;

/**
 * The one writer of a log: gathers changes into a frame, writes it, syncs it, and only then lets them take effect.
 *
 * <p>What keeps every crash harmless:
 *
 * <ul>
 *   <li>A frame is written after the one before it was synced, so at most the last frame of the log can be torn.
 *   <li>Each segment begins with a checkpoint of everything but entries, so a reclaimed segment takes nothing with it
 *       but entries, and those that some group still held were written again, as moved, before.
 *   <li>Segments are reclaimed oldest first, each after a durable frame named a later one as the first needed.
 * </ul>
 *
 * <p>Confined to one thread at a time, but for the counters. After any method threw an {@link IOException} the writer
 * must not be used again.
 */
final class LogWriter {

    /** Bytes of live entries moved at least, where any are to be moved, between two frames. */
    private static final long MOVE_BYTES_MIN = 256 << 10;

    private final LogEngine engine;
    private final LogSettings settings;
    private final Catalog catalog;
    private final Segments segments;
    private final RecentEntries cache;
    private final Staging staging;
    private final FrameWriter frames;
    private final Mover mover;

    /** Number of the next frame. */
    private long sequence;
    /** The oldest segment needed, as the next frame will say; older ones go once it is durable. */
    private long firstSegment;

    /** Written by the writer, read by any thread. */
    private volatile long syncs;

    /** Written by the writer, read by any thread. */
    private volatile long changes;

    LogWriter(
            LogEngine engine,
            LogSettings settings,
            Catalog catalog,
            Segments segments,
            RecentEntries cache,
            long sequence,
            long firstSegment) {
        this.engine = engine;
        this.settings = settings;
        this.catalog = catalog;
        this.segments = segments;
        this.cache = cache;
        this.sequence = sequence;
        this.firstSegment = firstSegment;
        frames = new FrameWriter(settings.batchBytesMax());
        staging = new Staging(catalog, settings);
        mover = new Mover(catalog);
    }

    long syncs() {
        return syncs;
    }

    long changes() {
        return changes;
    }

    /**
     * Makes as many of {@code queue}'s first requests durable as share a frame, completes them and removes them; those
     * that break a rule fail.
     *
     * @return the bytes of the requests removed
     */
    long commit(Queue<Request> queue) throws IOException {
        staging.clear();
        long removed = 0;
        while (!queue.isEmpty()) {
            Request request = queue.element();
            try {
                if (staging.offer(request) == Staging.Verdict.NEXT_FRAME) {
                    break;
                }
            } catch (IllegalArgumentException broken) {
                if (request.unattended()) {
                    throw broken;
                }
                request.fail(broken);
            } catch (IllegalStateException gone) {
                request.fail(gone);
            }
            removed += request.bytes;
            queue.remove();
        }
        if (staging.records() > 0) {
            int length = frameLength(staging.recordBytes());
            makeRoom(length);
            frames.begin(segments.active(), length, staging.records(), sequence, firstSegment);
            for (Request request : staging.requests()) {
                encode(request);
            }
            finishFrame();
            for (Request request : staging.requests()) {
                apply(request);
            }
        }
        changes += staging.requests().size();
        for (Request request : staging.requests()) {
            request.complete();
        }
        staging.clear();
        return removed;
    }

    /** Fails the requests of the frame being written when the disk failed. */
    void abandon(LogFault fault) {
        staging.requests().forEach(request -> request.fail(fault));
    }

    /** Begins a new segment with a checkpoint, so that nothing is written to the present one, if any, from now on. */
    void roll() throws IOException {
        long previousId = segments.isEmpty() ? 0 : segments.active().id;
        int previousEnd = segments.isEmpty() ? 0 : segments.active().end;
        List<GroupLog> groups = catalog.live();
        List<Tombstone> tombstones = catalog.tombstones();
        byte[][] bodies = new byte[groups.size()][];
        long bytes = (long) tombstones.size() * (Format.RECORD_HEADER_BYTES + 16);
        for (int i = 0; i < bodies.length; i++) {
            bodies[i] = groups.get(i).checkpoint();
            bytes += Format.RECORD_HEADER_BYTES + bodies[i].length;
        }
        int length = frameLength(bytes);
        Segment next = segments.prepare(previousId + 1, Format.SEGMENT_HEADER_BYTES + length);
        segments.allocate(next, length);
        next.file.write(header(next, previousEnd, sequence), 0);
        frames.begin(next, length, groups.size() + tombstones.size(), sequence, firstSegment);
        for (Tombstone tombstone : tombstones) {
            frames.record(
                    Format.TOMBSTONE,
                    tombstone.region().value(),
                    tombstone.incarnation(),
                    Body.epoch(tombstone.epoch()));
        }
        for (int i = 0; i < bodies.length; i++) {
            GroupLog group = groups.get(i);
            frames.record(Format.REPLICA, group.region().value(), group.incarnation(), bodies[i]);
        }
        frames.finish();
        next.file.datasync();
        syncs++;
        segments.publish(next);
        sequence++;
        segments.retireBelow(firstSegment);
    }

    /**
     * Does a part of what reclaims segments: gives up those without live entries, and moves entries out of the oldest
     * one while the log is larger than its bound.
     *
     * @param appendedBytes what was appended since the last call; about twice as much is moved, so that moving keeps
     *     ahead
     * @return whether there is more to do
     */
    boolean reclaim(long appendedBytes) throws IOException {
        while (firstSegment < segments.active().id && liveBytesOf(firstSegment) == 0) {
            firstSegment++;
        }
        long bound = 2 * segments.liveBytes() + (long) settings.garbageSegmentsMax() * settings.segmentBytes();
        if (segments.writtenBytes() - bytesBelow(firstSegment) <= bound || firstSegment == segments.active().id) {
            return false;
        }
        long budget = Math.min(settings.batchBytesMax(), Math.max(MOVE_BYTES_MIN, 2 * appendedBytes));
        List<Mover.Found> found = mover.next(firstSegment, budget);
        if (found.isEmpty()) {
            throw new IllegalStateException("live bytes of segment " + firstSegment + " were not found in any group");
        }
        move(found);
        return true;
    }

    private long liveBytesOf(long id) {
        Segment segment = segments.find(id);
        return segment == null ? 0 : segment.liveBytes;
    }

    private long bytesBelow(long id) {
        long sum = 0;
        for (long i = segments.oldest().id; i < id; i++) {
            Segment segment = segments.find(i);
            sum += segment == null ? 0 : segment.end;
        }
        return sum;
    }

    private void move(List<Mover.Found> found) throws IOException {
        byte[][] data = new byte[found.size()][];
        long bytes = 0;
        for (int i = 0; i < data.length; i++) {
            // A read error here fails the engine through the group's own path.
            byte[] read = found.get(i).group().read(found.get(i).index());
            if (read == null) {
                throw new IllegalStateException("an entry vanished while it was moved: " + found.get(i));
            }
            data[i] = read;
            bytes += Format.ENTRY_HEADER_BYTES + read.length;
        }
        int length = frameLength(bytes);
        makeRoom(length);
        Segment target = segments.active();
        frames.begin(target, length, data.length, sequence, firstSegment);
        int[] offsets = new int[data.length];
        for (int i = 0; i < data.length; i++) {
            Mover.Found entry = found.get(i);
            offsets[i] = frames.entry(
                    Format.MOVED,
                    entry.group(),
                    entry.index(),
                    entry.group().termAt(entry.index()),
                    entry.group().typeAt(entry.index()),
                    data[i]);
        }
        finishFrame();
        for (int i = 0; i < data.length; i++) {
            Mover.Found entry = found.get(i);
            int recordLength = Format.ENTRY_HEADER_BYTES + data[i].length;
            entry.group().applyMove(entry.index(), target, offsets[i], recordLength, segments);
        }
    }

    private void makeRoom(int length) throws IOException {
        if (segments.active().end + (long) length > settings.segmentBytes() && !segments.active().fresh) {
            roll();
        }
        segments.allocate(segments.active(), length);
    }

    /** Syncs the frame just encoded. If this fails it is never tried again. */
    private void finishFrame() throws IOException {
        frames.finish();
        segments.active().file.datasync();
        syncs++;
        sequence++;
        segments.active().fresh = false;
        segments.retireBelow(firstSegment);
    }

    private void encode(Request request) throws IOException {
        if (request.records == 0) {
            return;
        }
        request.offset = switch (request.change) {
            case Change.Append append -> {
                int first = -1;
                long index = append.firstIndex();
                for (Entry entry : append.entries()) {
                    int offset = frames.entry(
                            Format.ENTRY, append.group(), index++, entry.term(), entry.type(), entry.data());
                    first = first < 0 ? offset : first;
                }
                yield first;
            }
            case Change.SaveHardState save -> record(Format.HARD_STATE, save.group(), Body.hardState(save.state()));
            case Change.TruncatePrefix truncate -> record(Format.PREFIX, truncate.group(), Body.prefix(truncate));
            case Change.TruncateSuffix truncate ->
                record(Format.SUFFIX, truncate.group(), Body.number(truncate.lastKept()));
            case Change.Reset reset -> record(Format.RESET, reset.group(), Body.number(reset.nextIndex()));
            case Change.MarkInstalling marked -> record(Format.INSTALLING, marked.group(), Body.mark(marked.mark()));
            case Change.Installed installed -> record(Format.INSTALLED, installed.group(), Body.installed(installed));
            case Change.Create create ->
                frames.record(Format.CREATED, create.region().value(), create.incarnation(), Body.created(create));
            case Change.Destroy destroy ->
                frames.record(
                        Format.TOMBSTONE, destroy.region().value(), destroy.incarnation(), Body.epoch(destroy.epoch()));
        };
    }

    private int record(byte kind, GroupLog group, byte[] body) throws IOException {
        return frames.record(kind, group.region().value(), group.incarnation(), body);
    }

    /** Lets a durable change take effect. */
    private void apply(Request request) {
        if (request.records == 0) {
            return;
        }
        switch (request.change) {
            case Change.Append append ->
                append.group().applyAppend(segments.active(), request.offset, append.entries(), cache);
            case Change.SaveHardState save -> save.group().applyHardState(save.state());
            case Change.TruncatePrefix truncate ->
                truncate.group().applyPrefix(truncate.firstKept(), truncate.memory(), segments, cache);
            case Change.TruncateSuffix truncate -> truncate.group().applySuffix(truncate.lastKept(), segments, cache);
            case Change.Reset reset -> reset.group().applyReset(reset.nextIndex(), segments, cache);
            case Change.MarkInstalling marked -> marked.group().applyMark(marked.mark());
            case Change.Installed installed ->
                installed.group().applyInstalled(installed.mark(), installed.memory(), segments, cache);
            case Change.Create create -> {
                GroupLog created = GroupLog.created(engine, create);
                catalog.add(created);
                request.result = new Creation.Created(created);
            }
            case Change.Destroy destroy ->
                catalog.bury(new Tombstone(destroy.region(), destroy.incarnation(), destroy.epoch()), segments, cache);
        }
    }

    private static int frameLength(long recordBytes) {
        return Format.padded(Math.toIntExact(Format.FRAME_HEADER_BYTES + recordBytes));
    }

    private static ByteBuffer header(Segment segment, int previousEnd, long firstSequence) {
        byte[] header = new byte[Format.SEGMENT_HEADER_BYTES];
        Format.putLong(header, 0, Format.SEGMENT_MAGIC);
        Format.putInt(header, 12, Format.VERSION);
        Format.putLong(header, 16, segment.id);
        Format.putLong(header, 24, segment.salt);
        Format.putLong(header, 32, previousEnd);
        Format.putLong(header, 40, firstSequence);
        CRC32C crc = new CRC32C();
        crc.update(header, 12, header.length - 12);
        Format.putInt(header, 8, (int) crc.getValue());
        return ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    }
}
