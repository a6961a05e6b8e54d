package io.kvasir.gateway.type;

import java.util.Arrays;
import java.util.List;

/**
 * A node of a {@link CountTree}: its children in order, each as
 *
 * <pre>
 *   number of its record, varint | elements under it, varint | their weight, varint
 * </pre>
 *
 * Confined to the thread that runs the command.
 */
final class CountNode {

    private final long number;
    private long[] numbers;
    private long[] counts;
    private long[] weights;
    private int size;
    private boolean changed;

    private CountNode(long number, int capacity) {
        this.number = number;
        numbers = new long[capacity];
        counts = new long[capacity];
        weights = new long[capacity];
    }

    /** Makes a node of {@code children} that is yet to be written. */
    static CountNode of(long number, List<CountTree.Child> children) {
        CountNode node = new CountNode(number, children.size());
        node.splice(0, 0, children);
        return node;
    }

    static CountNode decode(long number, byte[] payload) {
        CountNode node = new CountNode(number, 16);
        for (int at = 0; at < payload.length; node.size++) {
            node.reserve(node.size + 1);
            node.numbers[node.size] = Varint.read(payload, at);
            at += Varint.size(node.numbers[node.size]);
            node.counts[node.size] = Varint.read(payload, at);
            at += Varint.size(node.counts[node.size]);
            node.weights[node.size] = Varint.read(payload, at);
            at += Varint.size(node.weights[node.size]);
        }
        return node;
    }

    byte[] encode() {
        byte[] payload = new byte[3 * Varint.BYTES_MAX * size];
        int at = 0;
        for (int i = 0; i < size; i++) {
            at = Varint.write(payload, at, numbers[i]);
            at = Varint.write(payload, at, counts[i]);
            at = Varint.write(payload, at, weights[i]);
        }
        return Arrays.copyOf(payload, at);
    }

    /** Returns the number of its record. */
    long number() {
        return number;
    }

    int size() {
        return size;
    }

    /** Returns whether it differs from its record. */
    boolean isChanged() {
        return changed;
    }

    CountTree.Child child(int index) {
        return new CountTree.Child(numbers[index], counts[index], weights[index]);
    }

    long count(int index) {
        return counts[index];
    }

    /** Returns this as a child: the sums of its own. */
    CountTree.Child asChild() {
        long count = 0;
        long weight = 0;
        for (int i = 0; i < size; i++) {
            count += counts[i];
            weight += weights[i];
        }
        return new CountTree.Child(number, count, weight);
    }

    List<CountTree.Child> children(int from, int to) {
        CountTree.Child[] children = new CountTree.Child[to - from];
        Arrays.setAll(children, i -> child(from + i));
        return List.of(children);
    }

    /** Puts {@code children} in the place of those from {@code from} to {@code to}, excluded. */
    void splice(int from, int to, List<CountTree.Child> children) {
        int tail = size - to;
        int newSize = from + children.size() + tail;
        reserve(newSize);
        for (long[] column : List.of(numbers, counts, weights)) {
            System.arraycopy(column, to, column, from + children.size(), tail);
        }
        for (int i = 0; i < children.size(); i++) {
            CountTree.Child child = children.get(i);
            numbers[from + i] = child.number();
            counts[from + i] = child.count();
            weights[from + i] = child.weight();
        }
        size = newSize;
        changed = true;
    }

    private void reserve(int capacity) {
        if (capacity > numbers.length) {
            int grown = Math.max(capacity, 2 * numbers.length);
            numbers = Arrays.copyOf(numbers, grown);
            counts = Arrays.copyOf(counts, grown);
            weights = Arrays.copyOf(weights, grown);
        }
    }
}
