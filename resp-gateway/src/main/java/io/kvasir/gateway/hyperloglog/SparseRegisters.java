package io.kvasir.gateway.hyperloglog;

import java.util.Arrays;

/**
 * The registers of a sparse HyperLogLog as runs of equal ones, each an opcode:
 *
 * <pre>
 *   00nnnnnn            ZERO: n + 1 registers are 0
 *   01nnnnnn nnnnnnnn   XZERO: n + 1 registers are 0
 *   1vvvvvnn            VAL: n + 1 registers are v + 1
 * </pre>
 *
 * A change splits a run and merges neighbours exactly as Redis does it, so that the same elements in the same order
 * make the same bytes. What a user has written over may be no valid sequence: whether it is shows only in what covers
 * all registers ({@link #forEachRun}), as in Redis.
 *
 * <p>Mutable; confined to the thread that runs the command.
 */
final class SparseRegisters {

    /** Largest value that an opcode can say. */
    static final int VALUE_MAX = 32;

    private static final int ZERO_RUN_MAX = 64;
    private static final int XZERO_RUN_MAX = 1 << 14;
    private static final int VALUE_RUN_MAX = 4;

    private static final int XZERO_BIT = 0x40;
    private static final int VALUE_BIT = 0x80;

    /** Opcodes, from the one before a change on, among which neighbours are merged. */
    private static final int MERGE_SCAN = 5;

    /** Longest sequence that replaces one opcode: XZERO, VAL, XZERO. */
    private static final int SPLIT_BYTES_MAX = 5;

    private byte[] bytes;

    /** Takes {@code bytes}, header included, which it changes. */
    SparseRegisters(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Returns the bytes of a HyperLogLog without elements. */
    static byte[] empty() {
        byte[] bytes = new byte[Header.BYTES + 2];
        Header.write(bytes, Header.SPARSE);
        writeZeros(bytes, Header.BYTES, XZERO_RUN_MAX, true);
        return bytes;
    }

    byte[] bytes() {
        return bytes;
    }

    /** What became of a register that was to be raised. */
    enum Outcome {
        KEPT,
        RAISED,
        /** The value, or the length with it, is too large for this form; nothing has changed. */
        TOO_LARGE,
        /** No opcode covers the register. */
        CORRUPT
    }

    /** Gets runs of equal registers. */
    @FunctionalInterface
    interface RunVisitor {

        /** Takes a run; {@code first + length} is at most {@link DenseRegisters#COUNT} unless the value is 0. */
        void visit(int first, int length, int value);
    }

    /** Visits the runs; returns whether they cover every register and no more. */
    boolean forEachRun(RunVisitor visitor) {
        long first = 0;
        for (int at = Header.BYTES; at < bytes.length; at += opcodeBytes(at)) {
            int length = runLength(at);
            int value = value(at);
            if (first + length > DenseRegisters.COUNT) {
                return false;
            }
            visitor.visit((int) first, length, value);
            first += length;
        }
        return first == DenseRegisters.COUNT;
    }

    /** Raises a register to {@code value}, at least 1, if it is smaller, as long as {@code bytesMax} allows. */
    Outcome raise(int register, int value, long bytesMax) {
        if (value > VALUE_MAX) {
            return Outcome.TOO_LARGE;
        }
        int previous = Header.BYTES;
        int at = Header.BYTES;
        int first = 0;
        while (at < bytes.length && register >= first + runLength(at)) {
            first += runLength(at);
            previous = at;
            at += opcodeBytes(at);
        }
        if (at >= bytes.length) {
            return Outcome.CORRUPT;
        }
        if (isValue(at) && value(at) >= value) {
            return Outcome.KEPT;
        }
        byte[] split = split(at, register - first, value);
        int replaced = Math.min(opcodeBytes(at), bytes.length - at);
        int growth = split.length - opcodeBytes(at);
        int length = bytes.length + growth;
        if (growth > 0 && length > bytesMax) {
            return Outcome.TOO_LARGE;
        }
        splice(at, at + replaced, split);
        if (bytes.length > length) {
            // An XZERO without its second byte ended the string: Redis counts that byte as replaced.
            bytes = Arrays.copyOf(bytes, length);
        }
        mergeFrom(previous);
        Header.outdate(bytes);
        return Outcome.RAISED;
    }

    /** Returns the opcodes as PFDEBUG DECODE shows them. */
    String decode() {
        StringBuilder text = new StringBuilder();
        for (int at = Header.BYTES; at < bytes.length; at += opcodeBytes(at)) {
            if (!text.isEmpty()) {
                text.append(' ');
            }
            if (isValue(at)) {
                text.append("v:").append(value(at)).append(',').append(runLength(at));
            } else {
                text.append(isLongZero(at) ? "Z:" : "z:").append(runLength(at));
            }
        }
        return text.toString();
    }

    /** Returns what stands for the run at {@code at} once its register {@code index} has {@code value}. */
    private byte[] split(int at, int index, int value) {
        int length = runLength(at);
        byte[] split = new byte[SPLIT_BYTES_MAX];
        int end = writeRun(split, 0, at, index);
        end = writeValue(split, end, value, 1);
        end = writeRun(split, end, at, length - index - 1);
        return Arrays.copyOf(split, end);
    }

    /** Writes {@code length} registers like those of the run at {@code at}, perhaps none; returns the index behind. */
    private int writeRun(byte[] target, int targetAt, int at, int length) {
        if (length == 0) {
            return targetAt;
        }
        return isValue(at)
                ? writeValue(target, targetAt, value(at), length)
                : writeZeros(target, targetAt, length, length > ZERO_RUN_MAX);
    }

    private static int writeValue(byte[] target, int at, int value, int length) {
        target[at] = (byte) (VALUE_BIT | value - 1 << 2 | length - 1);
        return at + 1;
    }

    private static int writeZeros(byte[] target, int at, int length, boolean extended) {
        if (!extended) {
            target[at] = (byte) (length - 1);
            return at + 1;
        }
        target[at] = (byte) (XZERO_BIT | length - 1 >> Byte.SIZE);
        target[at + 1] = (byte) (length - 1);
        return at + 2;
    }

    private void mergeFrom(int from) {
        int at = from;
        for (int left = MERGE_SCAN; left > 0 && at < bytes.length; left--) {
            if (!isValue(at)) {
                at += opcodeBytes(at);
            } else if (at + 1 < bytes.length
                    && isValue(at + 1)
                    && value(at) == value(at + 1)
                    && runLength(at) + runLength(at + 1) <= VALUE_RUN_MAX) {
                byte[] merged = new byte[1];
                writeValue(merged, 0, value(at), runLength(at) + runLength(at + 1));
                splice(at, at + 2, merged);
            } else {
                at++;
            }
        }
    }

    private void splice(int from, int to, byte[] with) {
        if (to - from == with.length) {
            System.arraycopy(with, 0, bytes, from, with.length);
            return;
        }
        byte[] spliced = new byte[bytes.length - (to - from) + with.length];
        System.arraycopy(bytes, 0, spliced, 0, from);
        System.arraycopy(with, 0, spliced, from, with.length);
        System.arraycopy(bytes, to, spliced, from + with.length, bytes.length - to);
        bytes = spliced;
    }

    private boolean isValue(int at) {
        return (bytes[at] & VALUE_BIT) != 0;
    }

    private boolean isLongZero(int at) {
        return (bytes[at] & (VALUE_BIT | XZERO_BIT)) == XZERO_BIT;
    }

    private int opcodeBytes(int at) {
        return isLongZero(at) ? 2 : 1;
    }

    private int runLength(int at) {
        if (isValue(at)) {
            return (bytes[at] & VALUE_RUN_MAX - 1) + 1;
        }
        int high = bytes[at] & XZERO_BIT - 1;
        if (!isLongZero(at)) {
            return high + 1;
        }
        // Redis reads the zero that ends every string where the second byte is missing.
        int low = at + 1 < bytes.length ? bytes[at + 1] & 0xFF : 0;
        return (high << Byte.SIZE | low) + 1;
    }

    /** Returns the value of the run's registers. */
    private int value(int at) {
        return isValue(at) ? (bytes[at] >> 2 & VALUE_MAX - 1) + 1 : 0;
    }
}
