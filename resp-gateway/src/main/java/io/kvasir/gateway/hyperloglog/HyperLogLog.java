package io.kvasir.gateway.hyperloglog;

import java.util.Optional;

/**
 * A HyperLogLog over the bytes of a string, byte for byte as Redis has it: 2^14 registers, standard error 0.81 %. A new
 * one is sparse; it becomes dense, for good, when a register passes 32 or its length a bound. The header keeps the
 * number last counted, with a mark when registers have changed since.
 *
 * <p>Mutable; confined to the thread that runs the command.
 */
public final class HyperLogLog {

    private final long sparseBytesMax;
    private byte[] bytes;

    private HyperLogLog(byte[] bytes, long sparseBytesMax) {
        this.bytes = bytes;
        this.sparseBytesMax = sparseBytesMax;
    }

    /** Thrown where the opcodes of a sparse HyperLogLog do not cover its registers. */
    public static final class Corrupt extends Exception {

        private static final long serialVersionUID = 1;

        private Corrupt() {
            super("the runs of a sparse HyperLogLog do not cover its registers", null, false, false);
        }
    }

    /** Returns one without elements, of the sparse form up to {@code sparseBytesMax} bytes. */
    public static HyperLogLog empty(long sparseBytesMax) {
        return new HyperLogLog(SparseRegisters.empty(), sparseBytesMax);
    }

    /** Returns the one that {@code bytes} are, which are copied; empty if its header or its length says it is none. */
    public static Optional<HyperLogLog> of(byte[] bytes, long sparseBytesMax) {
        return Header.isValid(bytes) ? Optional.of(new HyperLogLog(bytes.clone(), sparseBytesMax)) : Optional.empty();
    }

    /** Returns the bytes as they are to be stored; they must not be changed. */
    public byte[] bytes() {
        return bytes;
    }

    public boolean isSparse() {
        return Header.form(bytes) == Header.SPARSE;
    }

    /**
     * Adds {@code element}; returns whether a register has changed. The number counted is not marked as out of date in
     * every case: see {@link #outdate}.
     */
    public boolean add(byte[] element) throws Corrupt {
        ElementHash hash = ElementHash.of(element);
        return raise(hash.register(), hash.value());
    }

    /** Marks the number last counted as out of date. */
    public void outdate() {
        Header.outdate(bytes);
    }

    /** Returns whether {@link #count} is known without counting. */
    public boolean isCounted() {
        return Header.isCounted(bytes);
    }

    /** Returns the estimated number of elements, which is counted and written to the header if it is out of date. */
    public long count() throws Corrupt {
        if (!isCounted()) {
            Header.setCount(bytes, Estimate.of(histogram()));
        }
        return Header.count(bytes);
    }

    /** Makes it dense; without effect if it is. */
    public void makeDense() throws Corrupt {
        if (!isSparse()) {
            return;
        }
        byte[] dense = new byte[DenseRegisters.LENGTH];
        Header.copyAsDense(bytes, dense);
        forEachRun((first, length, value) -> {
            for (int register = first; value > 0 && register < first + length; register++) {
                DenseRegisters.set(dense, register, value);
            }
        });
        bytes = dense;
    }

    /** Returns the value of each register. */
    public byte[] registers() throws Corrupt {
        byte[] registers = new byte[DenseRegisters.COUNT];
        raiseInto(registers);
        return registers;
    }

    /** Raises each of {@code registers} to the value it has here, if it is smaller. */
    public void raiseInto(byte[] registers) throws Corrupt {
        if (isSparse()) {
            forEachRun((first, length, value) -> {
                for (int register = first; register < first + length; register++) {
                    registers[register] = (byte) Math.max(registers[register], value);
                }
            });
            return;
        }
        for (int register = 0; register < registers.length; register++) {
            registers[register] = (byte) Math.max(registers[register], DenseRegisters.get(bytes, register));
        }
    }

    /** Raises each register to its value in {@code registers}, if it is smaller. */
    public void raiseFrom(byte[] registers) throws Corrupt {
        for (int register = 0; register < registers.length; register++) {
            if (registers[register] > 0) {
                raise(register, registers[register]);
            }
        }
    }

    /** Returns the number of elements that {@code registers} tell of. */
    public static long count(byte[] registers) {
        int[] histogram = new int[Estimate.VALUES];
        for (byte value : registers) {
            histogram[value]++;
        }
        return Estimate.of(histogram);
    }

    /** Returns registers without elements, for {@link #raiseInto}. */
    public static byte[] noRegisters() {
        return new byte[DenseRegisters.COUNT];
    }

    /** Returns the opcodes of a sparse one as PFDEBUG DECODE shows them. */
    public String decode() {
        return new SparseRegisters(bytes).decode();
    }

    private boolean raise(int register, int value) throws Corrupt {
        if (isSparse()) {
            SparseRegisters sparse = new SparseRegisters(bytes);
            SparseRegisters.Outcome outcome = sparse.raise(register, value, sparseBytesMax);
            bytes = sparse.bytes();
            switch (outcome) {
                case KEPT -> {
                    return false;
                }
                case RAISED -> {
                    return true;
                }
                case CORRUPT -> throw new Corrupt();
                case TOO_LARGE -> makeDense();
            }
        }
        return DenseRegisters.raise(bytes, register, value);
    }

    private int[] histogram() throws Corrupt {
        int[] histogram = new int[Estimate.VALUES];
        if (isSparse()) {
            forEachRun((first, length, value) -> histogram[value] += length);
        } else {
            for (int register = 0; register < DenseRegisters.COUNT; register++) {
                histogram[DenseRegisters.get(bytes, register)]++;
            }
        }
        return histogram;
    }

    private void forEachRun(SparseRegisters.RunVisitor visitor) throws Corrupt {
        if (!new SparseRegisters(bytes).forEachRun(visitor)) {
            throw new Corrupt();
        }
    }
}
