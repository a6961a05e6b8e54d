package io.kvasir.store.engine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Engine} in memory, for simulation. It models what a power cut does to the disk engine, which has no log of
 * its own: {@link #crash} falls back to the last {@link #flush}. Bounded by the heap only.
 *
 * <p>Its state is one immutable {@link Image} that a write replaces as a whole, so readers need no lock and a cursor is
 * a snapshot. Writers are guarded by {@code this}. Keys and values are copied on the way in and out, as JNI would.
 */
public final class MemoryEngine implements Engine {

    private final BooleanSupplier cacheMisses;

    private volatile Image current = Image.EMPTY;
    private volatile Image flushed = Image.EMPTY;
    /** Cursors and snapshots that are open: the disk engine would not survive a close under them. */
    private final LongAdder opened = new LongAdder();

    private volatile boolean closed;

    /** Makes an empty engine whose records are always in memory. */
    public MemoryEngine() {
        this(() -> false);
    }

    /**
     * Makes an empty engine.
     *
     * @param cacheMisses asked at each cached read whether that record is to be found on the disk only; a simulation
     *     answers from its seed
     */
    public MemoryEngine(BooleanSupplier cacheMisses) {
        this.cacheMisses = cacheMisses;
    }

    @Override
    public byte @Nullable [] get(Family family, byte[] key) {
        return value(open().tree(family), key);
    }

    @Override
    public Lookup getCached(Family family, byte[] key) {
        Image image = open();
        if (cacheMisses.getAsBoolean()) {
            return Lookup.UNKNOWN;
        }
        byte[] value = value(image.tree(family), key);
        return value == null ? Lookup.ABSENT : new Lookup(value, true);
    }

    @Override
    public Cursor cursor(Family family, byte[] from, byte[] to, boolean descending, boolean cachedOnly) {
        BooleanSupplier misses = cachedOnly ? cacheMisses : () -> false;
        return new TreeCursor(open().tree(family), from.clone(), to.clone(), descending, misses, opened);
    }

    @Override
    public long approximateBytes(Family family, byte[] from, byte[] to) {
        long bytes = 0;
        try (Cursor records = cursor(family, from, to, false, false)) {
            while (records.next()) {
                bytes += records.key().length + records.value().length;
            }
        }
        return bytes;
    }

    @Override
    public Snapshot snapshot() {
        return new MemorySnapshot(open(), cacheMisses, opened);
    }

    @Override
    public Batch newBatch() {
        open();
        return new MemoryBatch();
    }

    @Override
    public synchronized void write(Batch batch) {
        open();
        current = current.with(((MemoryBatch) batch).writes);
    }

    @Override
    public byte @Nullable [] getFlushed(Family family, byte[] key) {
        open();
        return value(flushed.tree(family), key);
    }

    @Override
    public synchronized void flush() {
        flushed = open();
    }

    @Override
    public synchronized void deleteAndFlush(List<KeyRange> ranges) {
        List<Write> writes = new ArrayList<>();
        for (KeyRange range : ranges) {
            writes.add(new Write.DeleteRange(range.family(), range.from(), range.to()));
        }
        current = open().with(writes);
        flush();
    }

    @Override
    public synchronized void ingest(Family family, List<Path> files) {
        List<Write> writes = new ArrayList<>();
        for (Path file : files) {
            MemoryFile.read(file, (key, value) -> writes.add(new Write.Put(family, key, value)));
        }
        current = open().with(writes);
        flushed = flushed.with(writes);
    }

    /** Loses every write since the last flush, as a power cut does. Cursors that are open keep their snapshot. */
    public synchronized void crash() {
        current = flushed;
    }

    @Override
    public void close() {
        if (opened.sum() != 0) {
            throw new IllegalStateException("the engine is closed with " + opened.sum() + " cursors or snapshots open");
        }
        closed = true;
    }

    private Image open() {
        if (closed) {
            throw new IllegalStateException("the engine is closed");
        }
        return current;
    }

    private static byte @Nullable [] value(@Nullable SortedTree tree, byte[] key) {
        SortedTree node = SortedTree.find(tree, key);
        return node == null ? null : node.value().clone();
    }

    /** The records of all families at one instant; {@code trees} is indexed by ordinal and never changed. */
    private record Image(@Nullable SortedTree[] trees) {

        static final Image EMPTY = new Image(new SortedTree[Family.values().length]);

        @Nullable
        SortedTree tree(Family family) {
            return trees[family.ordinal()];
        }

        Image with(List<Write> writes) {
            @Nullable SortedTree[] changed = trees.clone();
            for (Write write : writes) {
                changed[write.family().ordinal()] =
                        write.applied(changed[write.family().ordinal()]);
            }
            return new Image(changed);
        }
    }

    private sealed interface Write {

        Family family();

        @Nullable
        SortedTree applied(@Nullable SortedTree tree);

        record Put(Family family, byte[] key, byte[] value) implements Write {
            @Override
            public @Nullable SortedTree applied(@Nullable SortedTree tree) {
                return SortedTree.put(tree, key, value);
            }
        }

        record Delete(Family family, byte[] key) implements Write {
            @Override
            public @Nullable SortedTree applied(@Nullable SortedTree tree) {
                return SortedTree.delete(tree, key);
            }
        }

        record DeleteRange(Family family, byte[] from, byte[] to) implements Write {
            @Override
            public @Nullable SortedTree applied(@Nullable SortedTree tree) {
                return SortedTree.deleteRange(tree, from, to);
            }
        }
    }

    private static final class MemorySnapshot implements Snapshot {

        private final Image image;
        private final BooleanSupplier cacheMisses;
        private final LongAdder opened;

        private boolean closed;

        MemorySnapshot(Image image, BooleanSupplier cacheMisses, LongAdder opened) {
            this.image = image;
            this.cacheMisses = cacheMisses;
            this.opened = opened;
            opened.increment();
        }

        @Override
        public byte @Nullable [] get(Family family, byte[] key) {
            return MemoryEngine.value(image.tree(family), key);
        }

        @Override
        public Cursor cursor(Family family, byte[] from, byte[] to, boolean descending, boolean cachedOnly) {
            BooleanSupplier misses = cachedOnly ? cacheMisses : () -> false;
            return new TreeCursor(image.tree(family), from.clone(), to.clone(), descending, misses, opened);
        }

        @Override
        public Cursor bulkCursor(Family family, byte[] from, byte[] to) {
            return cursor(family, from, to, false, false);
        }

        @Override
        public void export(
                KeyRange range,
                Predicate<byte[]> kept,
                Path directory,
                long recordBytesMax,
                Consumer<RecordFile> finished) {
            try (Cursor cursor = cursor(range.family(), range.from(), range.to(), false, false)) {
                Cursor some = new SelectedCursor(cursor, kept);
                MemoryFile.write(range.family(), some, directory, recordBytesMax, finished);
            }
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                opened.decrement();
            }
        }
    }

    /** Confined to the thread that fills it. */
    private static final class MemoryBatch implements Batch {

        private final List<Write> writes = new ArrayList<>();
        private long bytes;

        @Override
        public void put(Family family, byte[] key, byte[] value) {
            writes.add(new Write.Put(family, key.clone(), value.clone()));
            bytes += key.length + value.length;
        }

        @Override
        public void delete(Family family, byte[] key) {
            writes.add(new Write.Delete(family, key.clone()));
            bytes += key.length;
        }

        @Override
        public void deleteRange(Family family, byte[] from, byte[] to) {
            KeyRange.requireOrdered(from, to);
            writes.add(new Write.DeleteRange(family, from.clone(), to.clone()));
            bytes += from.length + to.length;
        }

        @Override
        public long bytes() {
            return bytes;
        }

        @Override
        public void close() {
            writes.clear();
            bytes = 0;
        }
    }

    /** Finds each next node from the root, which costs O(log n) and no state but the current one. */
    private static final class TreeCursor implements Cursor {

        private final @Nullable SortedTree tree;
        private final byte[] from;
        private final byte[] to;
        private final boolean descending;
        private final BooleanSupplier misses;
        private final LongAdder opened;

        private @Nullable SortedTree at;
        private boolean ended;
        private boolean closed;

        TreeCursor(
                @Nullable SortedTree tree,
                byte[] from,
                byte[] to,
                boolean descending,
                BooleanSupplier misses,
                LongAdder opened) {
            this.tree = tree;
            this.from = from;
            this.to = to;
            this.descending = descending;
            this.misses = misses;
            this.opened = opened;
            opened.increment();
        }

        @Override
        public boolean next() {
            if (ended) {
                return false;
            }
            if (misses.getAsBoolean()) {
                throw NotCached.SIGNAL;
            }
            SortedTree next = descending ? before() : after();
            ended = next == null || !inBounds(next.key());
            at = ended ? null : next;
            return !ended;
        }

        @Override
        public byte[] key() {
            return current().key().clone();
        }

        @Override
        public byte[] value() {
            return current().value().clone();
        }

        @Override
        public void close() {
            ended = true;
            at = null;
            if (!closed) {
                closed = true;
                opened.decrement();
            }
        }

        private @Nullable SortedTree after() {
            return at == null ? SortedTree.ceiling(tree, from, false) : SortedTree.ceiling(tree, at.key(), true);
        }

        private @Nullable SortedTree before() {
            if (at != null) {
                return SortedTree.lower(tree, at.key());
            }
            return to.length == 0 ? SortedTree.last(tree) : SortedTree.lower(tree, to);
        }

        private boolean inBounds(byte[] key) {
            return descending
                    ? Arrays.compareUnsigned(key, from) >= 0
                    : to.length == 0 || Arrays.compareUnsigned(key, to) < 0;
        }

        private SortedTree current() {
            if (at == null) {
                throw new IllegalStateException("the cursor is at no record");
            }
            return at;
        }
    }
}
