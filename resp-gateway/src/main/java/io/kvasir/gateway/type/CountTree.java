package io.kvasir.gateway.type;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * A sequence of records, each with a number of elements, in which the record that holds the n-th element is found by
 * reading one node per level: a B-tree by rank, whose leaves are the records (of a list its chunks).
 *
 * <p><b>Model.</b> A node is a record of its own ({@link CountNode}) and says of each child how many elements lie under
 * it and what they weigh; weight is any other sum that its user wants. Nodes of level 1 have leaves as children, those
 * of level n nodes of level n - 1. The tree itself is three facts that its user stores: the top node, its level, and
 * the two sums.
 *
 * <p><b>Invariants.</b> No child is without elements. A node has at most {@link ListLayout#nodeChildrenMax} children;
 * where a node falls below a quarter of that and fits together with a neighbour, the two become one. What is filled
 * from one end leaves full nodes behind.
 *
 * <p>Changes stay in memory until {@link #save} hands them to the records. Confined to the thread that runs the
 * command.
 */
final class CountTree {

    /** Least number of children that a full node may have, so that halves of one are not empty. */
    static final int CHILDREN_MIN = 4;

    /**
     * A child of a node.
     *
     * @param number number of its record
     * @param count elements under it, from 1
     * @param weight what they weigh
     */
    record Child(long number, long count, long weight) {}

    /** A leaf and the way to it; of use until the tree changes. */
    static final class Path {

        private final CountNode[] nodes;
        private final int[] indexes;
        private long first;

        private Path(int levels) {
            nodes = new CountNode[levels];
            indexes = new int[levels];
        }

        /** Returns the rank of the leaf's first element. */
        long first() {
            return first;
        }

        Child leaf() {
            return bottom().child(index());
        }

        /** Returns the leaves under the lowest node. */
        int siblings() {
            return bottom().size();
        }

        /** Returns the position of the leaf among {@link #siblings}. */
        int index() {
            return indexes[indexes.length - 1];
        }

        Child sibling(int index) {
            return bottom().child(index);
        }

        private CountNode bottom() {
            return nodes[nodes.length - 1];
        }
    }

    private final NumberedRecords records;
    private final int childrenMax;
    private final Map<Long, CountNode> nodes = new HashMap<>();
    private long top;
    private int levels;
    private long count;
    private long weight;

    /**
     * @param top number of the top node, of no meaning without levels
     * @param levels levels of nodes, 0 if there is no leaf
     * @param count elements of all leaves
     * @param weight their weight
     */
    CountTree(NumberedRecords records, int childrenMax, long top, int levels, long count, long weight) {
        this.records = records;
        this.childrenMax = childrenMax;
        this.top = top;
        this.levels = levels;
        this.count = count;
        this.weight = weight;
    }

    long top() {
        return top;
    }

    int levels() {
        return levels;
    }

    long count() {
        return count;
    }

    long weight() {
        return weight;
    }

    /** Returns the leaf that holds the element at {@code rank}, from 0 and below {@link #count}. */
    Path locate(long rank) {
        Path path = new Path(levels);
        long number = top;
        for (int level = 0; level < levels; level++) {
            CountNode node = node(number);
            int index = 0;
            while (path.first + node.count(index) <= rank) {
                path.first += node.count(index++);
            }
            path.nodes[level] = node;
            path.indexes[level] = index;
            number = node.child(index).number();
        }
        return path;
    }

    /** Adds {@code leaf} at one end. */
    void add(boolean atStart, Child leaf) {
        if (levels == 0) {
            grow(List.of(leaf));
        } else {
            Path path = locate(atStart ? 0 : count - 1);
            replace(path, atStart ? List.of(leaf, path.leaf()) : List.of(path.leaf(), leaf));
        }
    }

    /** Takes the leaf at one end out of the tree; its record stays. */
    Child take(boolean atStart) {
        Path path = locate(atStart ? 0 : count - 1);
        Child leaf = path.leaf();
        replace(path, List.of());
        return leaf;
    }

    /** Puts {@code leaves}, perhaps none, in the place of the leaf at {@code path}. */
    void replace(Path path, List<Child> leaves) {
        if (leaves.size() == 1 && leaves.getFirst().equals(path.leaf())) {
            return; // what the nodes say of the leaf still holds
        }
        replace(path, path.index(), path.index() + 1, leaves);
    }

    /** Puts {@code leaves} in the place of the siblings at {@code path} from {@code from} to {@code to}, excluded. */
    void replace(Path path, int from, int to, List<Child> leaves) {
        for (Child old : path.bottom().children(from, to)) {
            count -= old.count();
            weight -= old.weight();
        }
        for (Child leaf : leaves) {
            count += leaf.count();
            weight += leaf.weight();
        }
        List<Child> replacement = leaves;
        int first = from;
        int beyond = to;
        for (int level = levels - 1; level >= 0; level--) {
            CountNode node = path.nodes[level];
            node.splice(first, beyond, replacement);
            boolean atEnd = first + replacement.size() >= node.size();
            first = level == 0 ? 0 : path.indexes[level - 1];
            beyond = first + 1;
            if (node.size() == 0) {
                drop(node);
                replacement = List.of();
            } else if (node.size() > childrenMax) {
                replacement = split(node, path.indexes[level] == 0, atEnd);
            } else {
                if (level > 0 && node.size() < childrenMax / 4) {
                    CountNode parent = path.nodes[level - 1];
                    if (first + 1 < parent.size() && join(node, parent.child(first + 1), false)) {
                        beyond++;
                    } else if (first > 0 && join(node, parent.child(first - 1), true)) {
                        first--;
                    }
                }
                replacement = List.of(node.asChild());
            }
        }
        top(replacement);
    }

    /**
     * Drops whole leaves at one end, as many as hold no more than {@code elements}, which are fewer than there are.
     *
     * @param dropped is told the number of the record of each leaf dropped, which stays
     * @return how many of {@code elements} are left to drop from the leaf that is now at that end
     */
    long drop(boolean atStart, long elements, LongConsumer dropped) {
        long left = drop(node(top), levels, atStart, elements, dropped);
        top(List.of(node(top).asChild()));
        return left;
    }

    /** Drops all leaves. */
    void clear(LongConsumer dropped) {
        if (levels > 0) {
            dropAll(top, levels, dropped);
            count = 0;
            weight = 0;
            levels = 0;
        }
    }

    /** Hands all changed nodes to the records. */
    void save() {
        for (CountNode node : nodes.values()) {
            if (node.isChanged()) {
                records.put(node.number(), node.encode());
            }
        }
        nodes.clear();
    }

    private long drop(CountNode node, int level, boolean atStart, long elements, LongConsumer dropped) {
        long left = elements;
        while (left > 0) {
            int index = atStart ? 0 : node.size() - 1;
            Child child = node.child(index);
            if (left >= child.count()) {
                left -= child.count();
                count -= child.count();
                weight -= child.weight();
                dropAll(child.number(), level - 1, dropped);
                node.splice(index, index + 1, List.of());
            } else if (level == 1) {
                break;
            } else {
                CountNode below = node(child.number());
                left = drop(below, level - 1, atStart, left, dropped);
                node.splice(index, index + 1, List.of(below.asChild()));
                break;
            }
        }
        return left;
    }

    private void dropAll(long number, int level, LongConsumer dropped) {
        if (level == 0) {
            dropped.accept(number);
            return;
        }
        CountNode node = node(number);
        for (int i = 0; i < node.size(); i++) {
            dropAll(node.child(i).number(), level - 1, dropped);
        }
        drop(node);
    }

    private void drop(CountNode node) {
        nodes.remove(node.number());
        records.delete(node.number());
    }

    /**
     * Splits a node that is too large. Where it grew at an end it will grow on, so what is away from that end stays
     * full.
     */
    private List<Child> split(CountNode node, boolean atStart, boolean atEnd) {
        int cut = atEnd ? childrenMax : atStart ? node.size() - childrenMax : node.size() / 2;
        Child right = newNode(node.children(cut, node.size()));
        node.splice(cut, node.size(), List.of());
        return List.of(node.asChild(), right);
    }

    /** Moves the children of {@code sibling} to {@code node} if that leaves room; returns whether it did. */
    private boolean join(CountNode node, Child sibling, boolean before) {
        CountNode other = node(sibling.number());
        if (node.size() + other.size() > childrenMax * 3 / 4) {
            return false;
        }
        int at = before ? 0 : node.size();
        node.splice(at, at, other.children(0, other.size()));
        drop(other);
        return true;
    }

    /** Makes {@code children}, which are one node, several, or none, the top; takes out levels that say nothing. */
    private void top(List<Child> children) {
        if (children.isEmpty()) {
            levels = 0;
        } else if (children.size() > 1) {
            grow(children);
        } else {
            CountNode node = node(top);
            while (levels > 1 && node.size() == 1) {
                top = node.child(0).number();
                drop(node);
                levels--;
                node = node(top);
            }
        }
    }

    private void grow(List<Child> children) {
        Child node = newNode(children);
        top = node.number();
        if (levels == 0) {
            count += node.count();
            weight += node.weight();
        }
        levels++;
    }

    private Child newNode(List<Child> children) {
        CountNode node = CountNode.of(records.add(), new ArrayList<>(children));
        nodes.put(node.number(), node);
        return node.asChild();
    }

    private CountNode node(long number) {
        CountNode node = nodes.get(number);
        if (node == null) {
            node = CountNode.decode(number, records.read(number));
            nodes.put(number, node);
        }
        return node;
    }
}
