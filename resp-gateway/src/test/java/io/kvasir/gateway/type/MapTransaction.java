package io.kvasir.gateway.type;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.EventCode;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A transaction over a map, for tests: one range that is the whole key space. {@link #begin} starts the next operation;
 * everything before it is committed. Not thread-safe.
 */
public final class MapTransaction implements Transaction {

    private record Cell(byte[] payload, Version version) {}

    private final NavigableMap<byte[], Cell> records = new TreeMap<>(Arrays::compareUnsigned);
    private final NavigableMap<byte[], Long> expiries = new TreeMap<>(Arrays::compareUnsigned);
    private final Map<Integer, Long> counts = new HashMap<>();
    private final Map<Integer, Integer> instances = new HashMap<>();
    private final List<Integer> forgotten = new ArrayList<>();
    private final List<KeyspaceEvent> events = new ArrayList<>();
    private final List<byte[]> eventKeys = new ArrayList<>();
    private final List<MapCursor> cursors = new ArrayList<>();
    private final SplittableRandom random;
    private final NavigableMap<byte[], Version> removed = new TreeMap<>(Arrays::compareUnsigned);
    private long timestamp;
    private int ordinal;
    private long writtenBytes;
    private int recordsRead;
    private int recordsScanned;
    private int recordsWritten;
    private long deletedSingly;

    public MapTransaction(long seed) {
        random = new SplittableRandom(seed);
        begin(1_700_000_000_000L);
    }

    /** Starts an operation at {@code millis}; timestamps always rise. */
    public MapTransaction begin(long millis) {
        timestamp = Math.max(timestamp + 1, Timestamp.of(millis, 0));
        ordinal = 0;
        events.clear();
        eventKeys.clear();
        writtenBytes = 0;
        recordsRead = 0;
        recordsScanned = 0;
        recordsWritten = 0;
        deletedSingly = 0;
        return this;
    }

    /** Starts an operation in the same millisecond as the last. */
    public MapTransaction begin() {
        return begin(timeMillis());
    }

    /** Returns the events of the operation, in order. */
    public List<KeyspaceEvent> events() {
        return List.copyOf(events);
    }

    /** Returns the events of the operation as "name key", in order. */
    public List<String> eventLines() {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
            byte[] userKey = KeyLayout.userKeyOf(eventKeys.get(i));
            lines.add(events.get(i).eventName() + ' ' + new String(userKey, StandardCharsets.ISO_8859_1));
        }
        return lines;
    }

    /** Returns the bytes of keys and payloads that the operation put. */
    public long writtenBytes() {
        return writtenBytes;
    }

    /** Returns how many records the operation asked for by key. */
    public int recordsRead() {
        return recordsRead;
    }

    /** Returns how many records the operation read by cursors. */
    public int recordsScanned() {
        return recordsScanned;
    }

    /** Returns how many records the operation put or deleted by key. */
    public int recordsWritten() {
        return recordsWritten;
    }

    /** Returns how many times the operation deleted one record. */
    public long deletedSingly() {
        return deletedSingly;
    }

    /** Returns the number of records, sub-records included. */
    public int size() {
        return records.size();
    }

    /**
     * Checks what must hold between operations: key counts are exact, the expiry index says what the roots say, and no
     * sub-record is without a root of its generation.
     *
     * @throws AssertionError if something does not hold
     */
    public void check() {
        Map<Integer, Long> found = new HashMap<>();
        NavigableMap<byte[], Long> foundExpiries = new TreeMap<>(Arrays::compareUnsigned);
        records.forEach((key, cell) -> {
            if (KeyLayout.isRoot(key)) {
                found.merge(KeyLayout.instanceOf(key), 1L, Long::sum);
                Root root = Root.decode(cell.payload);
                if (root.expiryMillis() != 0) {
                    foundExpiries.put(key, root.expiryMillis());
                }
            } else {
                checkElement(key);
            }
        });
        counts.values().removeIf(count -> count == 0);
        if (!found.equals(counts)) {
            throw new AssertionError("counts are " + counts + ", roots are " + found);
        }
        if (!foundExpiries.equals(expiries)) {
            throw new AssertionError(
                    "the expiry index has " + expiries.size() + " entries, roots " + foundExpiries.size());
        }
    }

    private void checkElement(byte[] key) {
        int stemLength = KeyLayout.stemLength(key);
        Cell cell = records.get(KeyLayout.rootOfStem(Arrays.copyOf(key, stemLength)));
        Version generation = Version.read(key, stemLength + 1);
        if (cell == null || !Root.decode(cell.payload).generation().equals(generation)) {
            throw new AssertionError("an orphan of generation " + generation);
        }
    }

    @Override
    public long timestamp() {
        return timestamp;
    }

    @Override
    public long timeMillis() {
        return Timestamp.millis(timestamp);
    }

    @Override
    public boolean isExpired(long expiryMillis) {
        return expiryMillis != 0 && expiryMillis <= timeMillis();
    }

    @Override
    public int instance(int database) {
        return instances.getOrDefault(database, database + 1);
    }

    @Override
    public void mapInstance(int database, int instance) {
        instances.put(database, instance);
    }

    @Override
    public void forgetInstance(int instance) {
        for (byte[] key : records.keySet()) {
            if (KeyLayout.instanceOf(key) == instance) {
                throw new AssertionError("instance " + instance + " is forgotten and not empty");
            }
        }
        counts.remove(instance);
        forgotten.add(instance);
    }

    /** Returns the instances forgotten so far, in order. */
    public List<Integer> forgotten() {
        return List.copyOf(forgotten);
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        recordsRead++;
        Cell cell = records.get(key);
        return cell == null ? null : cell.payload;
    }

    @Override
    public Version version(byte[] key) {
        Cell cell = records.get(key);
        return cell == null ? Version.NONE : cell.version;
    }

    @Override
    public Engine.Cursor scan(byte[] from, byte[] to, boolean descending) {
        NavigableMap<byte[], Cell> view = view(from, to);
        MapCursor cursor = new MapCursor(descending ? view.descendingMap() : view);
        cursors.add(cursor);
        return cursor;
    }

    /** A cursor over the records as they were when it was opened: it copies what is left before any is changed. */
    private final class MapCursor implements Engine.Cursor {

        private final NavigableMap<byte[], Cell> view;
        private Iterator<Map.Entry<byte[], Cell>> entries;
        private Map.@Nullable Entry<byte[], Cell> current;
        private boolean detached;

        MapCursor(NavigableMap<byte[], Cell> view) {
            this.view = view;
            entries = view.entrySet().iterator();
        }

        void detach() {
            if (!detached) {
                detached = true;
                NavigableMap<byte[], Cell> left = current == null ? view : view.tailMap(current.getKey(), false);
                List<Map.Entry<byte[], Cell>> copy = new ArrayList<>();
                left.forEach((key, cell) -> copy.add(Map.entry(key, cell)));
                entries = copy.iterator();
            }
        }

        @Override
        public boolean next() {
            boolean found = entries.hasNext();
            if (found) {
                Map.Entry<byte[], Cell> entry = entries.next();
                current = Map.entry(entry.getKey(), entry.getValue());
                recordsScanned++;
            }
            return found;
        }

        @Override
        public byte[] key() {
            return current().getKey().clone();
        }

        @Override
        public byte[] value() {
            return current().getValue().payload.clone();
        }

        @Override
        public void close() {
            current = null;
            entries = Collections.emptyIterator();
            cursors.remove(this);
        }

        private Map.Entry<byte[], Cell> current() {
            Map.Entry<byte[], Cell> entry = current;
            if (entry == null) {
                throw new IllegalStateException("the cursor is not at a record");
            }
            return entry;
        }
    }

    private void beforeChange() {
        cursors.forEach(MapCursor::detach);
    }

    private NavigableMap<byte[], Cell> view(byte[] from, byte[] to) {
        return to.length == 0 ? records.tailMap(from, true) : records.subMap(from, true, to, false);
    }

    @Override
    public void put(byte[] key, byte[] payload) {
        beforeChange();
        records.put(key, new Cell(payload, generation()));
        writtenBytes += key.length + payload.length;
        recordsWritten++;
    }

    @Override
    public void delete(byte[] key) {
        deletedSingly++;
        beforeChange();
        Cell was = records.remove(key);
        if (was != null) {
            removed.merge(key, was.version, (a, b) -> a.compareTo(b) > 0 ? a : b);
        }
    }

    @Override
    public Version removedUpTo(byte[] rootKey) {
        return removed.getOrDefault(rootKey, Version.NONE);
    }

    @Override
    public void requireMarked(byte[] userKey) {}

    @Override
    public void nextCommand() {
        ordinal++;
    }

    @Override
    public void deleteRange(byte[] from, byte[] to) {
        beforeChange();
        view(from, to).clear();
    }

    @Override
    public void moveExpiry(byte[] rootKey, long oldMillis, long newMillis) {
        Long was = newMillis == 0 ? expiries.remove(rootKey) : expiries.put(rootKey, newMillis);
        if ((was == null ? 0 : was) != oldMillis) {
            throw new AssertionError("the expiry index has " + was + ", not " + oldMillis);
        }
    }

    @Override
    public void addKeys(byte[] key, int instance, long delta) {
        counts.merge(instance, delta, Long::sum);
    }

    @Override
    public long keys(int instance) {
        return counts.getOrDefault(instance, 0L);
    }

    @Override
    public byte[] rangeStart() {
        return new byte[0];
    }

    @Override
    public byte[] rangeEnd() {
        return new byte[0];
    }

    @Override
    public Version generation() {
        return new Version(timestamp, ordinal);
    }

    @Override
    public long random() {
        return random.nextLong();
    }

    @Override
    public void event(EventCode code, byte[] rootKey) {
        events.add(KeyspaceEvent.of(code));
        eventKeys.add(rootKey);
    }
}
