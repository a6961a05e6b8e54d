package io.kvasir.gateway.type;

import java.util.Arrays;

/**
 * The fields of a small hash as they lie in its root, in the order of insertion, each as
 *
 * <pre>
 *   length of field, varint | field | length of value, varint | value
 * </pre>
 *
 * after one byte of {@link HashValue} flags. A cursor over them: {@link #next} moves; {@link #add}, {@link #replace}
 * and {@link #remove} make new bytes. Confined to the thread that runs the command.
 */
final class HashFields {

    /** Bytes before the first field. */
    static final int START = 1;

    private byte[] bytes;
    private int entry;
    private int field;
    private int fieldEnd;
    private int value;
    private int valueEnd;

    /** Makes a cursor before the first field of {@code bytes}, which are not changed. */
    HashFields(byte[] bytes) {
        this.bytes = bytes;
        rewind();
    }

    byte[] bytes() {
        return bytes;
    }

    void rewind() {
        valueEnd = START;
    }

    /** Moves to the next field; returns false at the end. */
    boolean next() {
        entry = valueEnd;
        if (entry == bytes.length) {
            return false;
        }
        long length = Varint.read(bytes, entry);
        field = entry + Varint.size(length);
        fieldEnd = field + (int) length;
        length = Varint.read(bytes, fieldEnd);
        value = fieldEnd + Varint.size(length);
        valueEnd = value + (int) length;
        return true;
    }

    /** Moves to {@code wanted}; returns false if it is not there. */
    boolean find(byte[] wanted) {
        rewind();
        while (next()) {
            if (Arrays.equals(bytes, field, fieldEnd, wanted, 0, wanted.length)) {
                return true;
            }
        }
        return false;
    }

    byte[] field() {
        return Arrays.copyOfRange(bytes, field, fieldEnd);
    }

    byte[] value() {
        return Arrays.copyOfRange(bytes, value, valueEnd);
    }

    /** Returns the bytes that the field this is at and its value take. */
    int entryBytes() {
        return valueEnd - entry;
    }

    /** Adds a field at the end; it is known to be absent. */
    void add(byte[] newField, byte[] newValue) {
        splice(bytes.length, bytes.length, newField, newValue);
    }

    /** Gives the field this is at another value; the cursor is lost. */
    void replace(byte[] newValue) {
        splice(entry, valueEnd, field(), newValue);
    }

    /** Removes the field this is at; the cursor is lost. */
    void remove() {
        byte[] shorter = new byte[bytes.length - (valueEnd - entry)];
        System.arraycopy(bytes, 0, shorter, 0, entry);
        System.arraycopy(bytes, valueEnd, shorter, entry, bytes.length - valueEnd);
        bytes = shorter;
        rewind();
    }

    /** Returns the bytes that a field and its value take. */
    static long size(byte[] field, byte[] value) {
        return (long) Varint.size(field.length) + field.length + Varint.size(value.length) + value.length;
    }

    private void splice(int from, int to, byte[] newField, byte[] newValue) {
        int size = Math.toIntExact(size(newField, newValue));
        byte[] spliced = new byte[bytes.length - (to - from) + size];
        System.arraycopy(bytes, 0, spliced, 0, from);
        int at = Varint.write(spliced, from, newField.length);
        System.arraycopy(newField, 0, spliced, at, newField.length);
        at = Varint.write(spliced, at + newField.length, newValue.length);
        System.arraycopy(newValue, 0, spliced, at, newValue.length);
        System.arraycopy(bytes, to, spliced, at + newValue.length, bytes.length - to);
        bytes = spliced;
        rewind();
    }
}
