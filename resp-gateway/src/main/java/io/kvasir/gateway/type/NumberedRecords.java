package io.kvasir.gateway.type;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.region.Transaction;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The sub-records of one generation where each has a number of its own, never given twice:
 *
 * <pre>
 *   stem | 10 | generation (12) | number (8, big-endian)
 * </pre>
 *
 * Changes are kept here until {@link #write}, so that a command writes each record once, knows how much it is going to
 * write before it does, and has read all it needs before. Confined to the thread that runs the command.
 */
final class NumberedRecords {

    /** Fewer deletions of consecutive numbers are not worth a range delete (rule K26). */
    private static final int RUN_MIN = Entry.DELETE_SINGLY_MAX / 2;

    private final Entry entry;
    private final Transaction transaction;
    private final Version generation;
    private final byte[] stem;
    private final long storedNext;
    private final TreeMap<Long, byte @Nullable []> changes = new TreeMap<>();
    private long next;
    private long count;

    /**
     * @param next the number the next record gets; all stored ones have smaller ones
     * @param count how many there are
     */
    NumberedRecords(Entry entry, Version generation, long next, long count) {
        this.entry = entry;
        this.transaction = entry.keyspace().transaction();
        this.generation = generation;
        this.stem = entry.stem();
        this.storedNext = next;
        this.next = next;
        this.count = count;
    }

    Version generation() {
        return generation;
    }

    /** Returns the number that the next record will get. */
    long next() {
        return next;
    }

    /** Returns how many records there are. */
    long count() {
        return count;
    }

    /**
     * Reads a record, as changed here.
     *
     * @throws IllegalStateException if there is none: either the root has changed since, and the read will be repeated
     *     (rule K16), or records are lost
     */
    byte[] read(long number) {
        byte[] payload =
                changes.containsKey(number) ? changes.get(number) : number < storedNext ? stored(number) : null;
        if (payload == null) {
            throw new IllegalStateException("record " + number + " of generation " + generation + " is missing");
        }
        return payload;
    }

    private byte @Nullable [] stored(long number) {
        return transaction.get(key(number));
    }

    /** Takes a number for a new record, which the caller puts. */
    long add() {
        count++;
        return next++;
    }

    void put(long number, byte[] payload) {
        changes.put(number, payload);
    }

    void delete(long number) {
        count--;
        if (number >= storedNext) {
            changes.remove(number);
        } else {
            changes.put(number, null);
        }
    }

    /**
     * Counts what {@link #write} will write.
     *
     * @throws CommandError "ERR value too large…" if it is more than a command may write
     */
    void claim() throws CommandError {
        int keyBytes = stem.length + 1 + Version.BYTES + Long.BYTES;
        long records = 0;
        long bytes = 0;
        Map.Entry<Long, byte @Nullable []> change = changes.firstEntry();
        while (change != null) {
            byte[] payload = change.getValue();
            long end = payload == null ? runEnd(change.getKey()) : change.getKey() + 1;
            records += isRange(change.getKey(), end) ? 1 : end - change.getKey();
            bytes += isRange(change.getKey(), end) ? 2L * keyBytes : (end - change.getKey()) * keyBytes;
            bytes += payload == null ? 0 : payload.length;
            change = changes.ceilingEntry(end);
        }
        entry.keyspace().claim(records, bytes);
    }

    /** Writes all changes. */
    void write() {
        Map.Entry<Long, byte @Nullable []> change = changes.firstEntry();
        while (change != null) {
            long number = change.getKey();
            byte[] payload = change.getValue();
            long end = payload == null ? runEnd(number) : number + 1;
            if (payload != null) {
                transaction.put(key(number), payload);
            } else if (isRange(number, end)) {
                transaction.deleteRange(key(number), key(end));
            } else {
                for (long deleted = number; deleted < end; deleted++) {
                    transaction.delete(key(deleted));
                }
            }
            change = changes.ceilingEntry(end);
        }
        changes.clear();
    }

    private static boolean isRange(long from, long to) {
        return to - from >= RUN_MIN;
    }

    /** Returns the first number from {@code number} on that is not deleted. */
    private long runEnd(long number) {
        long end = number;
        for (Map.Entry<Long, byte @Nullable []> change : changes.tailMap(number).entrySet()) {
            if (change.getKey() != end || change.getValue() != null) {
                break;
            }
            end++;
        }
        return end;
    }

    private byte[] key(long number) {
        byte[] suffix = new byte[Long.BYTES];
        for (int i = 0; i < Long.BYTES; i++) {
            suffix[i] = (byte) (number >>> Long.SIZE - Byte.SIZE * (i + 1));
        }
        return KeyLayout.element(stem, KeyLayout.KIND_ELEMENT, generation, suffix);
    }
}
