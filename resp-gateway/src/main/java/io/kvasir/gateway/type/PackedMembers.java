package io.kvasir.gateway.type;

import java.util.Arrays;

/**
 * The members of a small set as they lie in its root, in the order of insertion, each as
 *
 * <pre>
 *   length of member, varint | member
 * </pre>
 *
 * after one byte of {@link SetValue} flags. A cursor over them: {@link #next} moves; {@link #add} and {@link #remove}
 * make new bytes. Confined to the thread that runs the command.
 */
final class PackedMembers {

    /** Bytes before the first member. */
    static final int START = 1;

    private byte[] bytes;
    private int entry;
    private int member;
    private int end;

    /** Makes a cursor before the first member of {@code bytes}, which are not changed. */
    PackedMembers(byte[] bytes) {
        this.bytes = bytes;
        rewind();
    }

    byte[] bytes() {
        return bytes;
    }

    void rewind() {
        end = START;
    }

    /** Moves to the next member; returns false at the end. */
    boolean next() {
        entry = end;
        if (entry == bytes.length) {
            return false;
        }
        long length = Varint.read(bytes, entry);
        member = entry + Varint.size(length);
        end = member + (int) length;
        return true;
    }

    /** Moves to {@code wanted}; returns false if it is not there. */
    boolean find(byte[] wanted) {
        rewind();
        while (next()) {
            if (Arrays.equals(bytes, member, end, wanted, 0, wanted.length)) {
                return true;
            }
        }
        return false;
    }

    byte[] member() {
        return Arrays.copyOfRange(bytes, member, end);
    }

    /** Adds a member at the end, known to be absent; the cursor is lost. */
    void add(byte[] added) {
        byte[] longer = Arrays.copyOf(bytes, Math.toIntExact(bytes.length + size(added)));
        int at = Varint.write(longer, bytes.length, added.length);
        System.arraycopy(added, 0, longer, at, added.length);
        bytes = longer;
        rewind();
    }

    /** Removes the member this is at; the cursor is lost. */
    void remove() {
        byte[] shorter = new byte[bytes.length - (end - entry)];
        System.arraycopy(bytes, 0, shorter, 0, entry);
        System.arraycopy(bytes, end, shorter, entry, bytes.length - end);
        bytes = shorter;
        rewind();
    }

    /** Returns the bytes that a member takes. */
    static long size(byte[] member) {
        return (long) Varint.size(member.length) + member.length;
    }
}
