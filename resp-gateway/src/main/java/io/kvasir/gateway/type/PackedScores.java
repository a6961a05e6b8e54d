package io.kvasir.gateway.type;

import java.util.Arrays;

/**
 * The members of a small sorted set as they lie in its root, in the order of their positions, each as
 *
 * <pre>
 *   score (8, as in {@link ScoreOrder}) | length of the member, varint | member
 * </pre>
 *
 * A cursor over them: {@link #next} moves; {@link #insert} and {@link #remove} make new bytes and lose the place.
 * Confined to the thread that runs the command.
 */
final class PackedScores {

    private byte[] bytes;
    private int entry;
    private int member;
    private int end;

    /** Makes a cursor before the first member of {@code bytes}, which are not changed. */
    PackedScores(byte[] bytes) {
        this.bytes = bytes;
    }

    byte[] bytes() {
        return bytes;
    }

    void rewind() {
        end = 0;
    }

    /** Moves to the next member; returns false at the end. */
    boolean next() {
        entry = end;
        if (entry == bytes.length) {
            return false;
        }
        long length = Varint.read(bytes, entry + ScoreOrder.BYTES);
        member = entry + ScoreOrder.BYTES + Varint.size(length);
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

    double score() {
        return ScoreOrder.read(bytes, entry);
    }

    /** Returns the number of members whose position is before {@code bound}. */
    long countBefore(byte[] bound) {
        rewind();
        long count = 0;
        while (next() && isBefore(bound)) {
            count++;
        }
        return count;
    }

    private boolean isBefore(byte[] bound) {
        int scores = Arrays.compareUnsigned(bytes, entry, entry + ScoreOrder.BYTES, bound, 0, ScoreOrder.BYTES);
        return scores < 0
                || scores == 0 && Arrays.compareUnsigned(bytes, member, end, bound, ScoreOrder.BYTES, bound.length) < 0;
    }

    /** Adds a member at its place; it is known to be absent. */
    void insert(byte[] newMember, double score) {
        countBefore(ScoreOrder.position(score, newMember));
        int size = size(newMember);
        byte[] longer = new byte[bytes.length + size];
        System.arraycopy(bytes, 0, longer, 0, entry);
        ScoreOrder.write(longer, entry, score);
        int at = Varint.write(longer, entry + ScoreOrder.BYTES, newMember.length);
        System.arraycopy(newMember, 0, longer, at, newMember.length);
        System.arraycopy(bytes, entry, longer, entry + size, bytes.length - entry);
        bytes = longer;
        rewind();
    }

    /** Removes the member this is at. */
    void remove() {
        byte[] shorter = new byte[bytes.length - (end - entry)];
        System.arraycopy(bytes, 0, shorter, 0, entry);
        System.arraycopy(bytes, end, shorter, entry, bytes.length - end);
        bytes = shorter;
        rewind();
    }

    /** Returns the bytes that a member and its score take. */
    static int size(byte[] member) {
        return ScoreOrder.BYTES + Varint.size(member.length) + member.length;
    }
}
