package io.kvasir.jepsen.register;

import java.util.Arrays;

/**
 * The operations on one register, in the order of their invocations. Values are numbered; 0 is the absent one, which
 * the register holds first. Operations that surely had no effect are not in it. Confined to one thread while it is
 * built.
 */
public final class RegisterHistory {

    /** Returned the value {@code first}. */
    public static final int READ = 0;

    /** Set the value {@code first}. */
    public static final int WRITE = 1;

    /** Found the value {@code first} and set the value {@code second}. */
    public static final int COMPARE_AND_SET = 2;

    /** The completion of an operation that may take effect at any later time, or never. */
    public static final int NEVER = Integer.MAX_VALUE;

    private static final int FIELDS = 5;

    private final int[] fields;
    private int size;

    /** An empty history with room for {@code capacity} operations. */
    public RegisterHistory(int capacity) {
        fields = new int[FIELDS * capacity];
    }

    /**
     * Adds an operation.
     *
     * @param invoked its place in the history, larger than that of the one added before
     * @param completed the place of its completion, {@link #NEVER} if its outcome is not known
     */
    public void add(long kind, long first, long second, long invoked, long completed) {
        int at = FIELDS * size++;
        fields[at] = (int) kind;
        fields[at + 1] = (int) first;
        fields[at + 2] = (int) second;
        fields[at + 3] = (int) invoked;
        fields[at + 4] = (int) completed;
    }

    /** Returns how many operations it has. */
    public int size() {
        return size;
    }

    int invoked(int operation) {
        return fields[FIELDS * operation + 3];
    }

    int completed(int operation) {
        return fields[FIELDS * operation + 4];
    }

    /** Returns the value after {@code operation} found {@code value}, -1 if it cannot have found that. */
    int step(int value, int operation) {
        int at = FIELDS * operation;
        int first = fields[at + 1];
        return switch (fields[at]) {
            case READ -> first == value ? value : -1;
            case WRITE -> first;
            case COMPARE_AND_SET -> first == value ? fields[at + 2] : -1;
            default -> throw new IllegalStateException("an operation of kind " + fields[at]);
        };
    }

    @Override
    public String toString() {
        return Arrays.toString(Arrays.copyOf(fields, FIELDS * size));
    }
}
