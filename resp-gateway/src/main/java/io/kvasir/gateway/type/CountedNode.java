package io.kvasir.gateway.type;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node of a {@link CountedIndex}, whose two records are
 *
 * <pre>
 *   bounds: for each child: number of its node, varint, above level 1 only | length of the bound, varint | bound
 *   counts: for each child: count, varint
 * </pre>
 *
 * The bound of child 0 is empty: it starts where the node starts. Confined to the thread that runs the command.
 */
final class CountedNode {

    final int id;
    int level;
    final List<Child> children;

    private boolean boundsChanged;
    private byte @Nullable [] storedCounts;

    /** A block or a node below. */
    static final class Child {

        byte[] low;
        long count;
        final int id;

        /**
         * @param low bound at which it starts
         * @param id number of the node, 0 for a block
         */
        Child(byte[] low, long count, int id) {
            this.low = low;
            this.count = count;
            this.id = id;
        }
    }

    /** Makes a new node, whose records are not written yet. */
    CountedNode(int id, int level, List<Child> children) {
        this.id = id;
        this.level = level;
        this.children = children;
        boundsChanged = true;
    }

    /** Reads a node from its records. */
    static CountedNode decode(int id, int level, byte[] bounds, byte[] counts) {
        List<Child> children = new ArrayList<>();
        int countAt = 0;
        for (int at = 0; at < bounds.length; ) {
            int child = 0;
            if (level > 1) {
                child = (int) Varint.read(bounds, at);
                at += Varint.size(child);
            }
            int length = (int) Varint.read(bounds, at);
            at += Varint.size(length);
            long count = Varint.read(counts, countAt);
            countAt += Varint.size(count);
            children.add(new Child(Arrays.copyOfRange(bounds, at, at + length), count, child));
            at += length;
        }
        if (countAt != counts.length) {
            throw new IllegalStateException("node " + id + " has more counts than children");
        }
        CountedNode node = new CountedNode(id, level, children);
        node.boundsChanged = false;
        node.storedCounts = counts;
        return node;
    }

    /** Returns the record of the bounds if it is to be written, else null; it counts as written then. */
    byte @Nullable [] changedBounds() {
        if (!boundsChanged) {
            return null;
        }
        boundsChanged = false;
        int size = 0;
        for (Child child : children) {
            size += (level > 1 ? Varint.size(child.id) : 0) + Varint.size(child.low.length) + child.low.length;
        }
        byte[] bytes = new byte[size];
        int at = 0;
        for (Child child : children) {
            if (level > 1) {
                at = Varint.write(bytes, at, child.id);
            }
            at = Varint.write(bytes, at, child.low.length);
            System.arraycopy(child.low, 0, bytes, at, child.low.length);
            at += child.low.length;
        }
        return bytes;
    }

    /** Returns the record of the counts if it is to be written, else null; it counts as written then. */
    byte @Nullable [] changedCounts() {
        int size = 0;
        for (Child child : children) {
            size += Varint.size(child.count);
        }
        byte[] bytes = new byte[size];
        int at = 0;
        for (Child child : children) {
            at = Varint.write(bytes, at, child.count);
        }
        if (Arrays.equals(bytes, storedCounts)) {
            return null;
        }
        storedCounts = bytes;
        return bytes;
    }

    /** Returns the last child that starts at or before {@code position}. */
    int childAt(byte[] position) {
        int low = 0;
        int high = children.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (Arrays.compareUnsigned(children.get(middle).low, position) <= 0) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    long total() {
        long total = 0;
        for (Child child : children) {
            total += child.count;
        }
        return total;
    }

    void insert(int index, Child child) {
        children.add(index, child);
        boundsChanged = true;
    }

    void remove(int index) {
        children.remove(index);
        if (index == 0 && !children.isEmpty()) {
            children.getFirst().low = new byte[0];
        }
        boundsChanged = true;
    }

    /** Removes the children from {@code index} on and returns them. */
    List<Child> cut(int index) {
        List<Child> tail = children.subList(index, children.size());
        List<Child> cut = new ArrayList<>(tail);
        tail.clear();
        boundsChanged = true;
        return cut;
    }

    void append(List<Child> more) {
        children.addAll(more);
        boundsChanged = true;
    }

    void replaceAll(int newLevel, List<Child> others) {
        List<Child> all = new ArrayList<>(others);
        children.clear();
        children.addAll(all);
        level = newLevel;
        boundsChanged = true;
    }

    /** Returns the shortest bound behind {@code before} and not behind {@code position}, which is greater. */
    static byte[] bound(byte[] before, byte[] position) {
        return Arrays.copyOf(position, Arrays.mismatch(before, position) + 1);
    }
}
