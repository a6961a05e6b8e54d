package io.kvasir.gateway.type;

import io.kvasir.proto.key.KeyHash;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Slot;
import io.kvasir.region.Transaction;
import java.util.Arrays;

/**
 * A place between the keys of a database: before every key whose (slot, hash) is this one or a later one. As a number
 * it is the cursor of SCAN, slot in the upper and hash in the lower 32 bits of 46: it means the same in every gateway
 * and after every split, because it says nothing but where to go on (rule K30).
 *
 * @param slot 0 to {@link Slot#COUNT}, which is beyond all keys
 * @param hash hash of the user key, all 32 bits significant
 */
public record KeyPosition(int slot, int hash) {

    /** Before all keys; cursor 0. */
    public static final KeyPosition START = new KeyPosition(0, 0);

    /** Beyond all keys. */
    public static final KeyPosition END = new KeyPosition(Slot.COUNT, 0);

    public KeyPosition {
        if (slot < 0 || slot > Slot.COUNT || slot == Slot.COUNT && hash != 0) {
            throw new IllegalArgumentException("no slot " + slot);
        }
    }

    /** Returns the position that {@code cursor} stands for; {@link #END} if it is no number that a scan gives out. */
    public static KeyPosition of(long cursor) {
        return cursor < 0 || cursor >= END.cursor()
                ? END
                : new KeyPosition((int) (cursor >>> Integer.SIZE), (int) cursor);
    }

    /** Returns the position of the user key {@code userKey}. */
    public static KeyPosition ofUserKey(byte[] userKey) {
        return new KeyPosition(Slot.of(userKey), KeyHash.of(userKey));
    }

    /**
     * Returns a random position from the first to the last that {@code instance} may have in the transaction's range.
     */
    public static KeyPosition random(Transaction transaction, int instance) {
        long first = first(transaction, instance).cursor();
        byte[] end = transaction.rangeEnd();
        long beyond = end.length == 0 ? END.cursor() : atOrAfter(end, instance).cursor();
        return beyond <= first
                ? of(first)
                : of(first + Math.unsignedMultiplyHigh(transaction.random(), beyond - first));
    }

    /** Returns the first position at which {@code instance} may have a key in the transaction's range. */
    public static KeyPosition first(Transaction transaction, int instance) {
        byte[] start = transaction.rangeStart();
        return start.length == 0 ? START : atOrAfter(start, instance);
    }

    /** Returns the first position at which {@code instance} may have a stored key at or after {@code key}. */
    static KeyPosition atOrAfter(byte[] key, int instance) {
        byte[] padded = Arrays.copyOf(key, Math.max(key.length, KeyLayout.PREFIX_BYTES));
        int slot = KeyLayout.slotOf(padded);
        if (slot >= Slot.COUNT) {
            return END;
        }
        int comparison = Integer.compareUnsigned(KeyLayout.instanceOf(padded), instance);
        KeyPosition slotStart = new KeyPosition(slot, 0);
        return comparison < 0 ? slotStart : comparison > 0 ? slotStart.nextSlot() : ofKey(padded);
    }

    /** Returns the position of a stored key. */
    static KeyPosition ofKey(byte[] key) {
        return new KeyPosition(KeyLayout.slotOf(key), KeyLayout.hashOf(key));
    }

    /** Returns this as a number; larger for later positions. */
    public long cursor() {
        return (long) slot << Integer.SIZE | hash & 0xFFFF_FFFFL;
    }

    /** Returns whether a range that ends before {@code end} may hold keys at this position, whatever their instance. */
    public boolean mayPrecede(byte[] end) {
        return end.length == 0 || Arrays.compareUnsigned(KeyLayout.slotStart(slot), end) < 0;
    }

    public boolean isEnd() {
        return slot == Slot.COUNT;
    }

    /** Returns the first stored key that {@code instance} may have here. */
    byte[] firstKey(int instance) {
        return KeyLayout.hashPrefix(slot, instance, hash);
    }

    /** Returns the first position of the next slot. */
    KeyPosition nextSlot() {
        return new KeyPosition(slot + 1, 0);
    }
}
