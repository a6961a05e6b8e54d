package io.kvasir.gateway.type;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a large stream, each a record at
 *
 * <pre>
 *   stem | 10 | generation (12) | 01 | era (4, big-endian) | key of the chunk (16)
 * </pre>
 *
 * The root says how many there are, of how many nodes, and where the first and the last are, so that no scan passes
 * what trimming left behind.
 *
 * <p>Many chunks go by a range delete, whose keys must never be used again. Ids only rise but for XSETID, which can
 * lower them while there is no entry: then the next era begins.
 *
 * <p>The last chunk is written by {@link #flush}, so that a command that adds many entries writes it once; all else is
 * written at once. Confined to the thread that runs the command.
 */
final class StreamChunks {

    private static final byte TAG = 1;
    private static final int SUFFIX_BYTES = 1 + Integer.BYTES + StreamId.BYTES;

    private final Entry entry;
    private final Transaction transaction;
    private final byte[] stem;
    private final Version generation;
    private int era;
    private long count;
    private long nodes;
    private StreamId firstKey = StreamId.ZERO;
    private StreamId lastKey = StreamId.ZERO;
    private @Nullable StreamChunk last;
    private boolean lastChanged;

    /** Makes no chunks of {@code generation}. */
    StreamChunks(Entry entry, Version generation) {
        this.entry = entry;
        this.transaction = entry.keyspace().transaction();
        this.stem = entry.stem();
        this.generation = generation;
    }

    /** Reads what {@link #write} wrote into the root. */
    static StreamChunks read(Entry entry, Version generation, WireReader in) {
        StreamChunks chunks = new StreamChunks(entry, generation);
        chunks.count = in.varint();
        chunks.nodes = in.varint();
        chunks.era = (int) in.varint();
        if (chunks.count > 0) {
            chunks.firstKey = StreamValue.readId(in);
            chunks.lastKey = StreamValue.readId(in);
        }
        return chunks;
    }

    void write(WireWriter out) {
        out.varint(count).varint(nodes).varint(era);
        if (count > 0) {
            StreamValue.writeId(out, firstKey);
            StreamValue.writeId(out, lastKey);
        }
    }

    /** Returns the bytes of the key of a chunk under {@code stem}. */
    static int keyBytes(byte[] stem) {
        return stem.length + 1 + Version.BYTES + SUFFIX_BYTES;
    }

    Version generation() {
        return generation;
    }

    /** Returns the number of nodes. */
    long nodes() {
        return nodes;
    }

    /** Returns the last chunk, null if there is none. */
    @Nullable
    StreamChunk last() {
        if (last == null && count > 0) {
            byte[] record = transaction.get(key(lastKey));
            if (record == null) {
                throw new IllegalStateException("chunk " + lastKey + " of generation " + generation + " is missing");
            }
            last = StreamChunk.decode(lastKey, record, 0);
        }
        return last;
    }

    /** Returns the chunk that would hold {@code id}, null if that is before all chunks. */
    @Nullable
    StreamChunk find(StreamId id) {
        if (count == 0 || id.isBefore(firstKey)) {
            return null;
        }
        if (!id.isBefore(lastKey)) {
            return last();
        }
        try (Engine.Cursor cursor = transaction.scan(key(firstKey), after(key(id)), true)) {
            return cursor.next() ? chunk(cursor) : null;
        }
    }

    /** Makes {@code chunk} the last one. */
    void add(StreamChunk chunk, boolean beginsNode) {
        flush();
        if (count++ == 0) {
            firstKey = chunk.key();
        }
        if (beginsNode) {
            nodes++;
        }
        lastKey = chunk.key();
        last = chunk;
        lastChanged = true;
    }

    /** Puts {@code chunk} in the place of the one with its key. */
    void replace(StreamChunk chunk) {
        if (chunk.key().equals(lastKey)) {
            last = chunk;
            lastChanged = true;
        } else {
            transaction.put(key(chunk.key()), chunk.encode());
        }
    }

    /** Removes the chunk with the key of {@code gone}, whose node may go on without it. */
    void remove(StreamChunk gone) {
        flush();
        StreamId key = gone.key();
        StreamChunk before = key.equals(firstKey) ? null : find(key.previous());
        StreamChunk after = key.equals(lastKey) ? null : next(key);
        boolean goesOn = after != null && after.isOfNodeOf(gone);
        if (before == null || !before.isOfNodeOf(gone)) {
            nodes -= goesOn ? 0 : 1;
        } else if (!goesOn) {
            replace(before.withNodeOf(gone));
        }
        transaction.delete(key(key));
        count--;
        if (after == null) {
            lastKey = before == null ? StreamId.ZERO : before.key();
            last = null;
        }
        if (before == null) {
            firstKey = after == null ? StreamId.ZERO : after.key();
        }
    }

    private StreamChunk next(StreamId key) {
        try (Engine.Cursor cursor = transaction.scan(after(key(key)), after(key(lastKey)), false)) {
            if (!cursor.next()) {
                throw new IllegalStateException("no chunk behind " + key + " of generation " + generation);
            }
            return chunk(cursor);
        }
    }

    /** Finds what {@code how} takes of {@code length} entries. */
    StreamTrim.Plan plan(StreamTrim how, long length) {
        flush();
        if (count == 0) {
            return how.plan(length, List.<StreamChunk>of().iterator());
        }
        try (Engine.Cursor cursor = transaction.scan(key(firstKey), after(key(lastKey)), false)) {
            return how.plan(length, new Chunks(cursor));
        }
    }

    /** The chunks under a cursor. */
    private final class Chunks implements Iterator<StreamChunk> {

        private final Engine.Cursor cursor;
        private boolean found;

        Chunks(Engine.Cursor cursor) {
            this.cursor = cursor;
            found = cursor.next();
        }

        @Override
        public boolean hasNext() {
            return found;
        }

        @Override
        public StreamChunk next() {
            if (!found) {
                throw new NoSuchElementException();
            }
            StreamChunk next = chunk(cursor);
            found = cursor.next();
            return next;
        }
    }

    /** Removes what {@code plan} says. */
    void remove(StreamTrim.Plan plan) {
        if (plan.chunks() > 0) {
            removeFirst(plan.chunks(), plan.lastChunk());
        }
        nodes -= plan.nodes();
        StreamId kept = plan.kept();
        if (kept != null) {
            firstKey = kept;
        }
        StreamChunk cut = plan.cut();
        if (cut != null) {
            replace(cut);
        }
    }

    /** Removes all chunks. */
    void removeAll() {
        if (count > 0) {
            removeFirst(count, lastKey);
        }
        nodes = 0;
    }

    /** Removes all chunks, in which there is no entry, because lower ids are to follow. */
    void beginEra() {
        removeAll();
        era++;
    }

    /** Removes the first {@code number} chunks, of which {@code to} is the last. */
    private void removeFirst(long number, StreamId to) {
        byte[] from = key(firstKey);
        byte[] end = after(key(to));
        Optional<List<byte[]>> keys = Optional.empty();
        if (number <= Entry.DELETE_SINGLY_MAX) {
            List<byte[]> found = new ArrayList<>();
            try (Engine.Cursor cursor = transaction.scan(from, end, false)) {
                while (cursor.next()) {
                    found.add(cursor.key());
                }
            }
            keys = Optional.of(found);
        }
        entry.drop(keys, from, end);
        count -= number;
        if (count == 0) {
            last = null;
            lastChanged = false;
            firstKey = StreamId.ZERO;
            lastKey = StreamId.ZERO;
        }
    }

    /** Gets chunks. */
    @FunctionalInterface
    interface Visitor {

        /** Takes one; returns whether to go on. */
        boolean visit(StreamChunk chunk);
    }

    /** Visits the chunks that may hold ids from {@code from} to {@code to}, until the visitor has enough. */
    void visit(StreamId from, StreamId to, boolean reverse, Visitor visitor) {
        StreamChunk only = from.isBefore(lastKey) ? null : last();
        if (only != null) {
            visitor.visit(only);
            return;
        }
        flush();
        StreamChunk begin = find(from);
        StreamId first = begin == null ? firstKey : begin.key();
        StreamId end = to.isBefore(lastKey) ? to : lastKey;
        if (count == 0 || end.isBefore(first)) {
            return;
        }
        try (Engine.Cursor cursor = transaction.scan(key(first), after(key(end)), reverse)) {
            while (cursor.next() && visitor.visit(chunk(cursor))) {
                // the visitor does the work
            }
        }
    }

    /** Writes the last chunk if it has changed; what scans read is complete then. */
    void flush() {
        StreamChunk changed = last;
        if (lastChanged && changed != null) {
            transaction.put(key(lastKey), changed.encode());
        }
        lastChanged = false;
    }

    private static StreamChunk chunk(Engine.Cursor cursor) {
        byte[] key = cursor.key();
        return StreamChunk.decode(StreamId.read(key, key.length - StreamId.BYTES), cursor.value(), 0);
    }

    private byte[] key(StreamId id) {
        byte[] suffix = new byte[SUFFIX_BYTES];
        suffix[0] = TAG;
        for (int i = 0; i < Integer.BYTES; i++) {
            suffix[1 + i] = (byte) (era >>> Integer.SIZE - Byte.SIZE * (i + 1));
        }
        id.write(suffix, 1 + Integer.BYTES);
        return KeyLayout.element(stem, KeyLayout.KIND_ELEMENT, generation, suffix);
    }

    /** Returns the first key behind {@code key}. */
    private static byte[] after(byte[] key) {
        return Arrays.copyOf(key, key.length + 1);
    }
}
