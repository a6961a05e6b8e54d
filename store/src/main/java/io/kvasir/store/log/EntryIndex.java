package io.kvasir.store.log;

import java.util.Arrays;

/**
 * Where the entries of one group lie: 12 bytes an entry, and a few for each change of term and each entry of a rare
 * type. Guarded by the lock of its {@link GroupLog}.
 */
final class EntryIndex {

    /** The place of an entry that lies in a segment older than those read so far; used only while the log is read. */
    static final long UNKNOWN = 0;

    private static final int CAPACITY_MIN = 16;

    private long first;
    private long next;
    /** Rings over {@code index & capacity - 1}: (segment << 32 | offset), and length of the record. */
    private long[] places = new long[CAPACITY_MIN];

    private int[] lengths = new int[CAPACITY_MIN];

    /** The i-th run of equal terms begins at index runFirst[i]; ascending, the first one at or before {@code first}. */
    private long[] runFirst = new long[2];

    private long[] runTerm = new long[2];
    private int runs;

    /** Entries that are not {@link Entry#DATA}, ascending. */
    private long[] typedIndex = new long[2];

    private byte[] typedType = new byte[2];
    private int typed;

    EntryIndex(long nextIndex) {
        first = nextIndex;
        next = nextIndex;
    }

    long first() {
        return first;
    }

    long next() {
        return next;
    }

    boolean contains(long index) {
        return index >= first && index < next;
    }

    /** Returns the term of the last entry, 0 if there is none. */
    long lastTerm() {
        return first == next ? 0 : runTerm[runs - 1];
    }

    long termAt(long index) {
        int low = 0;
        int high = runs - 1;
        while (low < high) {
            int middle = low + high + 1 >>> 1;
            if (runFirst[middle] <= index) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return runTerm[low];
    }

    byte typeAt(long index) {
        int found = Arrays.binarySearch(typedIndex, 0, typed, index);
        return found < 0 ? Entry.DATA : typedType[found];
    }

    long[] indexesOfType(byte type) {
        long[] found = new long[typed];
        int count = 0;
        for (int i = 0; i < typed; i++) {
            if (typedType[i] == type) {
                found[count++] = typedIndex[i];
            }
        }
        return Arrays.copyOf(found, count);
    }

    static long place(long segment, int offset) {
        return segment << 32 | offset;
    }

    static long segmentOf(long place) {
        return place >>> 32;
    }

    static int offsetOf(long place) {
        return (int) place;
    }

    long placeOf(long index) {
        return places[slot(index)];
    }

    int lengthOf(long index) {
        return lengths[slot(index)];
    }

    /** Appends at {@link #next}. */
    void append(long term, byte type, long place, int length) {
        if (next - first == places.length) {
            resize(places.length * 2);
        }
        if (runs == 0 || runTerm[runs - 1] != term) {
            if (runs == runFirst.length) {
                runFirst = Arrays.copyOf(runFirst, runs * 2);
                runTerm = Arrays.copyOf(runTerm, runs * 2);
            }
            runFirst[runs] = next;
            runTerm[runs++] = term;
        }
        if (type != Entry.DATA) {
            if (typed == typedIndex.length) {
                typedIndex = Arrays.copyOf(typedIndex, typed * 2);
                typedType = Arrays.copyOf(typedType, typed * 2);
            }
            typedIndex[typed] = next;
            typedType[typed++] = type;
        }
        places[slot(next)] = place;
        lengths[slot(next)] = length;
        next++;
    }

    /** Gives the entry at {@code index}, which is contained, another place. */
    void move(long index, long place, int length) {
        places[slot(index)] = place;
        lengths[slot(index)] = length;
    }

    /** Drops the entries from {@code newNext}, at least {@code first}, on. */
    void truncateSuffix(long newNext) {
        if (newNext == first) {
            reset(first);
            return;
        }
        next = newNext;
        while (runFirst[runs - 1] >= next) {
            runs--;
        }
        while (typed > 0 && typedIndex[typed - 1] >= next) {
            typed--;
        }
        shrink();
    }

    /** Drops the entries before {@code newFirst}; all of them if it is beyond the last. */
    void truncatePrefix(long newFirst) {
        if (newFirst >= next) {
            reset(newFirst);
            return;
        }
        first = newFirst;
        int dropped = 0;
        while (dropped + 1 < runs && runFirst[dropped + 1] <= first) {
            dropped++;
        }
        System.arraycopy(runFirst, dropped, runFirst, 0, runs - dropped);
        System.arraycopy(runTerm, dropped, runTerm, 0, runs - dropped);
        runs -= dropped;
        dropped = 0;
        while (dropped < typed && typedIndex[dropped] < first) {
            dropped++;
        }
        System.arraycopy(typedIndex, dropped, typedIndex, 0, typed - dropped);
        System.arraycopy(typedType, dropped, typedType, 0, typed - dropped);
        typed -= dropped;
        shrink();
    }

    void reset(long nextIndex) {
        first = nextIndex;
        next = nextIndex;
        runs = 0;
        typed = 0;
        shrink();
    }

    // What a checkpoint says of the entries without saying where they lie.

    int runs() {
        return runs;
    }

    /** Returns the first kept index of the {@code run}-th run of equal terms. */
    long runFirst(int run) {
        return Math.max(first, runFirst[run]);
    }

    long runTerm(int run) {
        return runTerm[run];
    }

    int typed() {
        return typed;
    }

    long typedIndex(int i) {
        return typedIndex[i];
    }

    byte typedType(int i) {
        return typedType[i];
    }

    private int slot(long index) {
        return (int) index & places.length - 1;
    }

    /**
     * Gives memory back once less than an eighth is used; a quarter is left free so that it does not grow again at
     * once.
     */
    private void shrink() {
        int capacity = places.length;
        while (capacity > CAPACITY_MIN && next - first < capacity / 8) {
            capacity /= 2;
        }
        if (capacity < places.length) {
            resize(capacity);
        }
    }

    private void resize(int capacity) {
        long[] newPlaces = new long[capacity];
        int[] newLengths = new int[capacity];
        for (long index = first; index < next; index++) {
            newPlaces[(int) index & capacity - 1] = places[slot(index)];
            newLengths[(int) index & capacity - 1] = lengths[slot(index)];
        }
        places = newPlaces;
        lengths = newLengths;
    }
}
