package io.kvasir.store.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map of byte strings in unsigned order: a treap whose priorities are hashes of the keys, so that its
 * shape depends on its content alone and a simulation replays exactly. A change shares all but O(log n) nodes with what
 * it changed, which makes every older tree a snapshot for free.
 *
 * <p>Null is the empty tree. Arrays are shared, never copied, and must not be changed. Safe for any thread.
 *
 * @param left all keys below {@code key}
 * @param right all keys above {@code key}
 */
record SortedTree(
        byte[] key,
        byte[] value,
        @Nullable SortedTree left,
        @Nullable SortedTree right) {

    /** Two trees, all keys of the first below all keys of the second. */
    private record Halves(
            @Nullable SortedTree below, @Nullable SortedTree from) {}

    /** Returns the node of {@code key}, or null. */
    static @Nullable SortedTree find(@Nullable SortedTree tree, byte[] key) {
        SortedTree node = tree;
        while (node != null) {
            int order = Arrays.compareUnsigned(key, node.key);
            if (order == 0) {
                return node;
            }
            node = order < 0 ? node.left : node.right;
        }
        return null;
    }

    /** Returns the first node at or, if {@code strictly}, after {@code key}, or null. */
    static @Nullable SortedTree ceiling(@Nullable SortedTree tree, byte[] key, boolean strictly) {
        SortedTree node = tree;
        SortedTree best = null;
        while (node != null) {
            int order = Arrays.compareUnsigned(node.key, key);
            if (order > 0 || order == 0 && !strictly) {
                best = node;
                node = node.left;
            } else {
                node = node.right;
            }
        }
        return best;
    }

    /** Returns the last node, or null. */
    static @Nullable SortedTree last(@Nullable SortedTree tree) {
        SortedTree node = tree;
        while (node != null && node.right != null) {
            node = node.right;
        }
        return node;
    }

    /** Returns the last node before {@code key}, or null. */
    static @Nullable SortedTree lower(@Nullable SortedTree tree, byte[] key) {
        SortedTree node = tree;
        SortedTree best = null;
        while (node != null) {
            if (Arrays.compareUnsigned(node.key, key) < 0) {
                best = node;
                node = node.right;
            } else {
                node = node.left;
            }
        }
        return best;
    }

    /** Returns {@code tree} with {@code value} at {@code key}. */
    static SortedTree put(@Nullable SortedTree tree, byte[] key, byte[] value) {
        if (tree == null) {
            return new SortedTree(key, value, null, null);
        }
        int order = Arrays.compareUnsigned(key, tree.key);
        if (order == 0) {
            return new SortedTree(tree.key, value, tree.left, tree.right);
        }
        if (find(tree, key) == null && isAbove(key, tree.key)) {
            Halves halves = split(tree, key);
            return new SortedTree(key, value, halves.below, halves.from);
        }
        return order < 0
                ? new SortedTree(tree.key, tree.value, put(tree.left, key, value), tree.right)
                : new SortedTree(tree.key, tree.value, tree.left, put(tree.right, key, value));
    }

    /** Returns {@code tree} without {@code key}. */
    static @Nullable SortedTree delete(@Nullable SortedTree tree, byte[] key) {
        if (find(tree, key) == null) {
            return tree;
        }
        Halves halves = split(tree, key);
        return join(halves.below, split(halves.from, Arrays.copyOf(key, key.length + 1)).from);
    }

    /** Returns {@code tree} without the keys from {@code from} inclusive to {@code to} exclusive. */
    static @Nullable SortedTree deleteRange(@Nullable SortedTree tree, byte[] from, byte[] to) {
        Halves halves = split(tree, from);
        return join(halves.below, split(halves.from, to).from);
    }

    private static Halves split(@Nullable SortedTree tree, byte[] key) {
        if (tree == null) {
            return new Halves(null, null);
        }
        if (Arrays.compareUnsigned(tree.key, key) < 0) {
            Halves halves = split(tree.right, key);
            return new Halves(new SortedTree(tree.key, tree.value, tree.left, halves.below), halves.from);
        }
        Halves halves = split(tree.left, key);
        return new Halves(halves.below, new SortedTree(tree.key, tree.value, halves.from, tree.right));
    }

    private static @Nullable SortedTree join(@Nullable SortedTree below, @Nullable SortedTree above) {
        if (below == null) {
            return above;
        }
        if (above == null) {
            return below;
        }
        return isAbove(below.key, above.key)
                ? new SortedTree(below.key, below.value, below.left, join(below.right, above))
                : new SortedTree(above.key, above.value, join(below, above.left), above.right);
    }

    /** Returns whether {@code a} belongs nearer to the root than {@code b}; a total order of keys. */
    private static boolean isAbove(byte[] a, byte[] b) {
        int byHash = Integer.compareUnsigned(priority(a), priority(b));
        return byHash != 0 ? byHash > 0 : Arrays.compareUnsigned(a, b) < 0;
    }

    private static int priority(byte[] key) {
        int hash = Arrays.hashCode(key);
        hash = (hash ^ hash >>> 16) * 0x85EBCA6B;
        hash = (hash ^ hash >>> 13) * 0xC2B2AE35;
        return hash ^ hash >>> 16;
    }
}
