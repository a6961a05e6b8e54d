package io.kvasir.gateway.type;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An ordered set of byte strings, called positions, that knows how many stand before each: rank, selection by rank and
 * counting cost a number of records that grows with the logarithm of the size.
 *
 * <p><b>Model.</b> Each position is a record of its own, with an empty payload. The positions in a row make blocks of
 * at most {@link Limits#blockMax}; a block is no record, only a span between two bounds. Over the blocks stands a tree
 * of {@link CountedNode nodes}. A node has two records: one with the bounds and numbers of its children, written when
 * it is split or merged, and one with their counts, written when a position below is added or removed. So adding a
 * position writes the position itself and, for each level of the tree, some dozen bytes of counts; no other position is
 * written again. A block that grows too large is split by reading its positions and setting a bound between two of
 * them; two small blocks become one by forgetting the bound between them.
 *
 * <p><b>Invariants.</b> Node 0 is the root, at level {@link #height}; the nodes of level 1 have blocks as children. The
 * children of a node cover its span without gaps; child 0 starts where the node starts, so that its bound is empty. A
 * count is the number of positions in the child's span, and never 0 except in an empty index. {@link #floor} is at or
 * before every position and {@link #ceiling} after every one: scans start and end there, because below and above may
 * lie the tombstones of a queue.
 *
 * <p>Positions are written at once, nodes by {@link #flush}. Confined to the thread that runs the command.
 *
 * <p>This file is long because every change walks the tree down and, with what it found there, up again.
 */
final class CountedIndex {

    /** First byte of the sub-keys of positions, of nodes' bounds and of nodes' counts. */
    static final byte TAG_POSITION = 2;

    static final byte TAG_BOUNDS = 3;
    static final byte TAG_COUNTS = 4;

    private static final int NODE_BYTES = 4;
    private static final byte[] EMPTY = {};

    /** Longest kept part of {@link #floor} and {@link #ceiling}, which stand in the root record. */
    private static final int EDGE_BYTES_MAX = 24;

    /**
     * How large blocks and nodes grow.
     *
     * @param blockMax most positions of a block
     * @param fanoutMax most children of a node
     */
    record Limits(int blockMax, int fanoutMax) {

        Limits {
            if (blockMax < 4 || fanoutMax < 4) {
                throw new IllegalArgumentException("blocks and nodes have at least 4 members");
            }
        }
    }

    /** Chosen by bytes written per operation, see docs/decisions/0007-counts-apart-from-positions.md. */
    static final Limits LIMITS = new Limits(128, 64);

    private final Transaction transaction;
    private final byte[] prefix;
    private final Limits limits;
    private final Map<Integer, CountedNode> nodes = new HashMap<>();
    private final List<Integer> dropped = new ArrayList<>();
    private int height;
    private int nextNode;
    private byte[] floor;
    private byte @Nullable [] ceiling;

    /** A way from the root to a block: the node of each level with the child taken, and the span of the block. */
    private static final class Path {

        private final List<CountedNode> nodes = new ArrayList<>();
        private final List<Integer> taken = new ArrayList<>();
        private byte[] low = EMPTY;
        private byte @Nullable [] high;
        private long before;

        private CountedNode last() {
            return nodes.getLast();
        }

        private CountedNode.Child block() {
            return last().children.get(taken.getLast());
        }

        private void take(CountedNode node, int index) {
            nodes.add(node);
            taken.add(index);
            for (int i = 0; i < index; i++) {
                before += node.children.get(i).count;
            }
            if (index > 0) {
                low = node.children.get(index).low;
            }
            if (index + 1 < node.children.size()) {
                high = node.children.get(index + 1).low;
            }
        }
    }

    /**
     * Opens an index.
     *
     * @param prefix key of its records up to the tag
     * @param height levels of nodes, from 1
     * @param nextNode number of the next new node, from 1
     * @param floor see {@link #floor()}
     * @param ceiling see {@link #ceiling()}
     */
    CountedIndex(
            Transaction transaction,
            byte[] prefix,
            Limits limits,
            int height,
            int nextNode,
            byte[] floor,
            byte @Nullable [] ceiling) {
        this.transaction = transaction;
        this.prefix = prefix;
        this.limits = limits;
        this.height = height;
        this.nextNode = nextNode;
        this.floor = floor;
        this.ceiling = ceiling;
    }

    /** Makes a new index of {@code positions}, which are in order and different, and writes their records. */
    static CountedIndex build(Transaction transaction, byte[] prefix, Limits limits, List<byte[]> positions) {
        CountedIndex index = new CountedIndex(transaction, prefix, limits, 1, 1, EMPTY, null);
        List<CountedNode.Child> children = new ArrayList<>();
        // Two thirds full: as full as random additions keep them, so that the next ones do not split all of them.
        int blockSize = limits.blockMax() * 2 / 3;
        for (int at = 0; at < positions.size(); at += blockSize) {
            int end = Math.min(at + blockSize, positions.size());
            byte[] low = at == 0 ? EMPTY : CountedNode.bound(positions.get(at - 1), positions.get(at));
            children.add(new CountedNode.Child(low, end - at, 0));
        }
        for (byte[] position : positions) {
            transaction.put(index.key(TAG_POSITION, position), EMPTY);
        }
        while (children.size() > limits.fanoutMax()) {
            children = index.buildLevel(children);
            index.height++;
        }
        index.nodes.put(0, new CountedNode(0, index.height, children));
        return index;
    }

    private List<CountedNode.Child> buildLevel(List<CountedNode.Child> children) {
        List<CountedNode.Child> parents = new ArrayList<>();
        int size = limits.fanoutMax() * 2 / 3;
        for (int at = 0; at < children.size(); at += size) {
            List<CountedNode.Child> own = new ArrayList<>(children.subList(at, Math.min(at + size, children.size())));
            parents.add(parentOf(newNode(height, own)));
        }
        return parents;
    }

    private CountedNode newNode(int level, List<CountedNode.Child> children) {
        CountedNode node = new CountedNode(nextNode++, level, children);
        nodes.put(node.id, node);
        return node;
    }

    /** Returns the child that stands for {@code node}, and takes over the bound of its first child. */
    private static CountedNode.Child parentOf(CountedNode node) {
        CountedNode.Child first = node.children.getFirst();
        byte[] low = first.low;
        first.low = EMPTY;
        return new CountedNode.Child(low, node.total(), node.id);
    }

    int height() {
        return height;
    }

    int nextNode() {
        return nextNode;
    }

    /** Returns a bound before which there is no position; empty if none is known. */
    byte[] floor() {
        return floor;
    }

    /** Returns a bound at and after which there is no position; null if none is known. */
    byte @Nullable [] ceiling() {
        return ceiling;
    }

    /** Says that there is nothing up to {@code position}, which is gone. */
    void raiseFloor(byte[] position) {
        floor = position.length <= EDGE_BYTES_MAX ? position : Arrays.copyOf(position, EDGE_BYTES_MAX);
    }

    /** Says that there is nothing from {@code position} on, which is gone. */
    void lowerCeiling(byte[] position) {
        if (position.length <= EDGE_BYTES_MAX) {
            ceiling = position;
        } else {
            byte[] start = Arrays.copyOf(position, EDGE_BYTES_MAX);
            // Scores, with which positions start, are never all FF.
            ceiling = KeyLayout.after(start);
        }
    }

    /** Adds {@code position}, which is not there. */
    void add(byte[] position) {
        if (Arrays.compareUnsigned(position, floor) < 0) {
            floor = EMPTY;
        }
        byte[] end = ceiling;
        if (end != null && Arrays.compareUnsigned(position, end) >= 0) {
            ceiling = null;
        }
        transaction.put(key(TAG_POSITION, position), EMPTY);
        Path path = descend(position);
        count(path, 1);
        if (path.block().count > limits.blockMax()) {
            splitBlock(path, position);
        }
    }

    /** Removes {@code position}, which is there. */
    void remove(byte[] position) {
        transaction.delete(key(TAG_POSITION, position));
        Path path = descend(position);
        count(path, -1);
        shrinkBlock(path);
    }

    /** Returns the number of positions before {@code bound}. */
    long countBefore(byte[] bound) {
        Path path = descend(bound);
        if (Arrays.compareUnsigned(path.low, bound) >= 0) {
            return path.before;
        }
        byte[] high = path.high;
        byte[] end = high == null || Arrays.compareUnsigned(bound, high) < 0 ? bound : high;
        long count = path.before;
        try (Engine.Cursor cursor = scan(path.low, end, false)) {
            while (cursor.next()) {
                count++;
            }
        }
        return count;
    }

    /** Gets positions. */
    @FunctionalInterface
    interface Visitor {

        /** Takes one position; returns whether to go on. */
        boolean visit(byte[] position);
    }

    /**
     * Visits positions from number {@code from} on, counted from 0, which is there, in order or against it, until the
     * visitor has enough. Nothing may be changed meanwhile.
     */
    void visit(long from, boolean descending, Visitor visitor) {
        Path path = select(from);
        long within = from - path.before;
        long skip = descending ? path.block().count - 1 - within : within;
        byte[] low = descending ? floor : path.low;
        byte[] high = descending ? path.high : ceiling;
        try (Engine.Cursor cursor = scan(low, high, descending)) {
            while (cursor.next()) {
                if (skip > 0) {
                    skip--;
                } else {
                    byte[] key = cursor.key();
                    if (!visitor.visit(Arrays.copyOfRange(key, prefix.length + 1, key.length))) {
                        return;
                    }
                }
            }
        }
    }

    /** Writes the nodes that were changed. */
    void flush() {
        for (int id : dropped) {
            transaction.delete(nodeKey(TAG_BOUNDS, id));
            transaction.delete(nodeKey(TAG_COUNTS, id));
        }
        dropped.clear();
        for (CountedNode node : nodes.values()) {
            byte[] bounds = node.changedBounds();
            if (bounds != null) {
                transaction.put(nodeKey(TAG_BOUNDS, node.id), bounds);
            }
            byte[] counts = node.changedCounts();
            if (counts != null) {
                transaction.put(nodeKey(TAG_COUNTS, node.id), counts);
            }
        }
    }

    // Ways down.

    private Path newPath() {
        Path path = new Path();
        path.low = floor;
        path.high = ceiling;
        return path;
    }

    /** Returns the way to the block whose span holds {@code position}. */
    private Path descend(byte[] position) {
        Path path = newPath();
        CountedNode node = node(0, height);
        if (node.children.isEmpty()) {
            node.insert(0, new CountedNode.Child(EMPTY, 0, 0));
        }
        while (true) {
            int index = node.childAt(position);
            path.take(node, index);
            if (node.level == 1) {
                return path;
            }
            node = node(node.children.get(index).id, node.level - 1);
        }
    }

    /** Returns the way to the block of position number {@code rank}. */
    private Path select(long rank) {
        Path path = newPath();
        CountedNode node = node(0, height);
        while (true) {
            long left = rank - path.before;
            int index = 0;
            while (left >= node.children.get(index).count) {
                left -= node.children.get(index).count;
                index++;
            }
            path.take(node, index);
            if (node.level == 1) {
                return path;
            }
            node = node(node.children.get(index).id, node.level - 1);
        }
    }

    private CountedNode node(int id, int level) {
        CountedNode node = nodes.get(id);
        if (node == null) {
            byte[] bounds = transaction.get(nodeKey(TAG_BOUNDS, id));
            byte[] counts = transaction.get(nodeKey(TAG_COUNTS, id));
            if (bounds == null || counts == null) {
                throw new IllegalStateException("node " + id + " of a counted index is missing");
            }
            node = CountedNode.decode(id, level, bounds, counts);
            nodes.put(id, node);
        }
        return node;
    }

    private static void count(Path path, int delta) {
        for (int i = 0; i < path.nodes.size(); i++) {
            path.nodes.get(i).children.get(path.taken.get(i)).count += delta;
        }
    }

    // Growing.

    private void splitBlock(Path path, byte[] added) {
        List<byte[]> positions = new ArrayList<>();
        try (Engine.Cursor cursor = scan(path.low, path.high, false)) {
            while (cursor.next()) {
                byte[] key = cursor.key();
                positions.add(Arrays.copyOfRange(key, prefix.length + 1, key.length));
            }
        }
        CountedNode.Child block = path.block();
        if (positions.size() != block.count) {
            throw new IllegalStateException("a block of " + block.count + " has " + positions.size() + " positions");
        }
        int split = splitAt(positions.size(), Arrays.equals(positions.getLast(), added));
        byte[] low = CountedNode.bound(positions.get(split - 1), positions.get(split));
        block.count = split;
        insertChild(path, path.nodes.size() - 1, new CountedNode.Child(low, positions.size() - (long) split, block.id));
    }

    /** Returns how many of {@code size} stay left: most where additions come in order, to leave full blocks behind. */
    private static int splitAt(int size, boolean appending) {
        return appending ? size * 7 / 8 : size / 2;
    }

    /** Puts {@code child} behind the one that {@code path} takes at {@code depth}. */
    private void insertChild(Path path, int depth, CountedNode.Child child) {
        CountedNode node = path.nodes.get(depth);
        int index = path.taken.get(depth) + 1;
        node.insert(index, child);
        if (node.children.size() <= limits.fanoutMax()) {
            return;
        }
        boolean appending = index == node.children.size() - 1;
        if (node.id == 0) {
            CountedNode lower = newNode(node.level, new ArrayList<>(node.children));
            height++;
            node.replaceAll(height, List.of(new CountedNode.Child(EMPTY, lower.total(), lower.id)));
            path.nodes.add(1, lower);
            path.taken.set(0, 0);
            path.taken.add(1, index);
            splitNode(path, 1, appending);
        } else {
            splitNode(path, depth, appending);
        }
    }

    private void splitNode(Path path, int depth, boolean appending) {
        CountedNode left = path.nodes.get(depth);
        int split = splitAt(left.children.size(), appending);
        CountedNode.Child right = parentOf(newNode(left.level, left.cut(split)));
        path.nodes.get(depth - 1).children.get(path.taken.get(depth - 1)).count = left.total();
        insertChild(path, depth - 1, right);
    }

    // Shrinking.

    private void shrinkBlock(Path path) {
        CountedNode node = path.last();
        int index = path.taken.getLast();
        if (path.block().count == 0) {
            node.remove(index);
            shrinkNode(path, path.nodes.size() - 1);
            return;
        }
        int left = mergeable(node, index, limits.blockMax() / 2);
        if (left >= 0) {
            node.children.get(left).count += node.children.get(left + 1).count;
            node.remove(left + 1);
            shrinkNode(path, path.nodes.size() - 1);
        }
    }

    /** Returns the left one of two neighbours, {@code index} among them, that together hold few; -1 if none do. */
    private static int mergeable(CountedNode node, int index, int most) {
        for (int left = Math.max(0, index - 1); left <= index && left + 1 < node.children.size(); left++) {
            if (node.children.get(left).count + node.children.get(left + 1).count <= most) {
                return left;
            }
        }
        return -1;
    }

    /** Drops, merges or lowers the node at {@code depth}, which has lost a child. */
    private void shrinkNode(Path path, int depth) {
        CountedNode node = path.nodes.get(depth);
        if (depth == 0) {
            while (height > 1 && node.children.size() == 1) {
                CountedNode only = node(node.children.getFirst().id, height - 1);
                height--;
                node.replaceAll(height, only.children);
                drop(only);
            }
            return;
        }
        CountedNode parent = path.nodes.get(depth - 1);
        int index = path.taken.get(depth - 1);
        if (node.children.isEmpty()) {
            parent.remove(index);
            drop(node);
            shrinkNode(path, depth - 1);
        } else if (node.children.size() <= limits.fanoutMax() / 4 && parent.children.size() > 1) {
            int left = Math.max(0, index - 1);
            CountedNode one = node(parent.children.get(left).id, node.level);
            CountedNode other = node(parent.children.get(left + 1).id, node.level);
            if (one.children.size() + other.children.size() <= limits.fanoutMax() / 2) {
                other.children.getFirst().low = parent.children.get(left + 1).low;
                one.append(other.children);
                parent.children.get(left).count = one.total();
                parent.remove(left + 1);
                drop(other);
                shrinkNode(path, depth - 1);
            }
        }
    }

    private void drop(CountedNode node) {
        nodes.remove(node.id);
        dropped.add(node.id);
    }

    // Keys.

    private Engine.Cursor scan(byte[] low, byte @Nullable [] high, boolean descending) {
        byte[] to = high == null ? KeyLayout.after(key(TAG_POSITION, EMPTY)) : key(TAG_POSITION, high);
        return transaction.scan(key(TAG_POSITION, low), to, descending);
    }

    private byte[] nodeKey(byte tag, int id) {
        byte[] number = new byte[NODE_BYTES];
        for (int i = 0; i < NODE_BYTES; i++) {
            number[i] = (byte) (id >>> 8 * (NODE_BYTES - 1 - i));
        }
        return key(tag, number);
    }

    private byte[] key(byte tag, byte[] suffix) {
        byte[] key = Arrays.copyOf(prefix, prefix.length + 1 + suffix.length);
        key[prefix.length] = tag;
        System.arraycopy(suffix, 0, key, prefix.length + 1, suffix.length);
        return key;
    }
}
