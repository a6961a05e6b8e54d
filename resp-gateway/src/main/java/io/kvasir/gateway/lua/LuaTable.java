package io.kvasir.gateway.lua;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A table: an array for the keys 1 to n, and an open hash for all others (lua 5.1 ltable.c has the same two parts). A
 * key that is set to nil during a traversal stays as a place without a value, so that {@link #next} goes on from it.
 * Confined to its script.
 */
public final class LuaTable {

    private static final Object[] NONE = {};
    private static final int ARRAY_MAX = 1 << 28;

    private @Nullable Object[] array = NONE;
    private int arraySize;
    private @Nullable Object[] keys = NONE;
    private @Nullable Object[] values = NONE;
    private int places;
    private boolean readOnly;

    @Nullable
    LuaTable metatable;

    /** Refuses all changes by a script from now on. */
    public void makeReadOnly() {
        readOnly = true;
    }

    /** Sets the metatable, whether read-only or not. */
    public void setMetatable(LuaTable metatable) {
        this.metatable = metatable;
    }

    boolean isReadOnly() {
        return readOnly;
    }

    /** Returns the value at {@code key}, without metamethods. */
    public @Nullable Object get(@Nullable Object key) {
        if (key instanceof Double number) {
            double value = number;
            int index = (int) value;
            if (index == value) {
                return get(index);
            }
        } else if (key == null) {
            return null;
        }
        int place = find(key);
        return place < 0 ? null : values[place];
    }

    /** Returns the value at the number {@code index}. */
    public @Nullable Object get(int index) {
        if (index > 0 && index <= arraySize) {
            return array[index - 1];
        }
        if (keys.length == 0) {
            return null;
        }
        int place = find(Double.valueOf(index));
        return place < 0 ? null : values[place];
    }

    /** Returns the value at the name {@code key}. */
    public @Nullable Object get(String key) {
        return get(LuaString.of(key));
    }

    /** Puts {@code value} at the name {@code key}, whether read-only or not. */
    public void put(String key, @Nullable Object value) {
        set(LuaString.of(key), value);
    }

    /** Puts {@code value} at {@code index}, whether read-only or not. */
    public void put(int index, @Nullable Object value) {
        if (index > 0 && index <= arraySize + 1) {
            setInArray(index, value);
        } else {
            set(Double.valueOf(index), value);
        }
    }

    /** Puts {@code value} at {@code key}, neither nil nor NaN, without metamethods, whether read-only or not. */
    public void set(Object key, @Nullable Object value) {
        if (key instanceof Double number) {
            double exact = number;
            int index = (int) exact;
            if (index == exact && index > 0 && index <= arraySize + 1) {
                setInArray(index, value);
                return;
            }
            if (exact == 0) {
                key = 0.0; // the two zeros are one key
            }
        }
        int place = find(key);
        if (place >= 0) {
            values[place] = value;
        } else if (value != null) {
            add(key, value);
        }
    }

    private void setInArray(int index, @Nullable Object value) {
        if (index <= arraySize) {
            array[index - 1] = value;
            while (value == null && arraySize > 0 && array[arraySize - 1] == null && index == arraySize) {
                arraySize--;
                index--;
            }
            return;
        }
        if (value == null) {
            int place = keys.length == 0 ? -1 : find(Double.valueOf(index));
            if (place >= 0) {
                values[place] = null;
            }
            return;
        }
        append(value);
        while (places > 0 && arraySize < ARRAY_MAX) {
            int place = find(Double.valueOf(arraySize + 1));
            Object next = place < 0 ? null : values[place];
            if (next == null) {
                break;
            }
            values[place] = null;
            append(next);
        }
        if (places > 0) {
            int place = find(Double.valueOf(index));
            if (place >= 0) {
                values[place] = null;
            }
        }
    }

    private void append(Object value) {
        if (arraySize == array.length) {
            array = Arrays.copyOf(array, Math.max(4, arraySize * 2));
        }
        array[arraySize++] = value;
    }

    /** Returns a border: some n such that element n is not nil and n + 1 is. */
    int length() {
        if (arraySize > 0) {
            if (array[arraySize - 1] == null) {
                int low = 0;
                int high = arraySize;
                while (high - low > 1) {
                    int middle = (low + high) >>> 1;
                    if (array[middle - 1] == null) {
                        high = middle;
                    } else {
                        low = middle;
                    }
                }
                return low;
            }
            return arraySize;
        }
        if (places == 0) {
            return 0;
        }
        int n = 0;
        while (get(n + 1) != null) {
            n++;
        }
        return n;
    }

    /** Inserts {@code value} before {@code position} of a sequence of {@code size} elements. */
    void insert(int position, int size, @Nullable Object value) {
        if (position >= 1 && size == arraySize && position <= size && value != null && size > 0) {
            Object last = array[size - 1];
            System.arraycopy(array, position - 1, array, position, size - position);
            array[position - 1] = value;
            setInArray(size + 1, last);
            return;
        }
        for (int i = size; i >= position; i--) {
            put(i + 1, get(i));
        }
        put(position, value);
    }

    /** Removes and returns the element at {@code position} of a sequence of {@code size} elements. */
    @Nullable
    Object remove(int position, int size) {
        Object removed = get(position);
        if (position >= 1 && size == arraySize && position <= size) {
            System.arraycopy(array, position, array, position - 1, size - position);
            setInArray(size, null);
            return removed;
        }
        for (int i = position; i < size; i++) {
            put(i, get(i + 1));
        }
        put(size, null);
        return removed;
    }

    /**
     * Returns the place of the entry after the one at {@code key} (nil: the first), -1 at the end; see {@link #keyAt}.
     *
     * @throws LuaError if {@code key} is not in the table
     */
    int next(@Nullable Object key) {
        int from;
        if (key == null) {
            from = 0;
        } else if (key instanceof Double number
                && (int) (double) number == number
                && number > 0
                && number <= arraySize) {
            from = (int) (double) number;
        } else {
            int place = find(key);
            if (place < 0) {
                if (key instanceof Double number && number > arraySize && number <= array.length) {
                    from = arraySize; // the array shrank while its last elements were removed
                } else {
                    throw LuaError.ofOperator("invalid key to 'next'");
                }
            } else {
                from = arraySize + place + 1;
            }
        }
        return firstFrom(from);
    }

    private int firstFrom(int from) {
        for (int i = from; i < arraySize; i++) {
            if (array[i] != null) {
                return i;
            }
        }
        for (int i = Math.max(from, arraySize) - arraySize; i < keys.length; i++) {
            if (values[i] != null) {
                return arraySize + i;
            }
        }
        return -1;
    }

    /** Returns the key of the entry at a place that {@link #next} returned; the table has not been changed since. */
    Object keyAt(int place) {
        return place < arraySize ? Double.valueOf(place + 1) : Objects.requireNonNull(keys[place - arraySize]);
    }

    @Nullable
    Object valueAt(int place) {
        return place < arraySize ? array[place] : values[place - arraySize];
    }

    /** Calls {@code action} with each key and its value. */
    public void forEach(BiConsumer<Object, Object> action) {
        for (int place = firstFrom(0); place >= 0; place = firstFrom(place + 1)) {
            Object value = valueAt(place);
            if (value != null) {
                action.accept(keyAt(place), value);
            }
        }
    }

    /** Returns about how many bytes of memory this takes, what it refers to left out. */
    long ownBytes() {
        return 64 + 8L * array.length + 16L * keys.length;
    }

    private int find(Object key) {
        int mask = keys.length - 1;
        if (mask < 0) {
            return -1;
        }
        for (int i = spread(key) & mask; ; i = (i + 1) & mask) {
            Object at = keys[i];
            if (at == null) {
                return -1;
            }
            if (at == key || at.equals(key)) {
                return i;
            }
        }
    }

    private static int spread(Object key) {
        int h = key.hashCode() * 0x9E3779B9;
        return h ^ (h >>> 15);
    }

    private void add(Object key, Object value) {
        if ((places + 1) * 4 > keys.length * 3) {
            rehash();
        }
        int mask = keys.length - 1;
        int i = spread(key) & mask;
        while (keys[i] != null) {
            i = (i + 1) & mask;
        }
        keys[i] = key;
        values[i] = value;
        places++;
    }

    /** Drops keys without a value, moves what belongs there into the array, and makes room. */
    private void rehash() {
        @Nullable Object[] oldKeys = keys;
        @Nullable Object[] oldValues = values;
        int live = 0;
        for (Object value : oldValues) {
            if (value != null) {
                live++;
            }
        }
        int capacity = 4;
        while (capacity * 3 < (live + 1) * 4 + 4) {
            capacity *= 2;
        }
        keys = new Object[capacity];
        values = new Object[capacity];
        places = 0;
        for (int i = 0; i < oldKeys.length; i++) {
            Object value = oldValues[i];
            Object key = oldKeys[i];
            if (value != null && key != null) {
                add(key, value);
            }
        }
    }
}
