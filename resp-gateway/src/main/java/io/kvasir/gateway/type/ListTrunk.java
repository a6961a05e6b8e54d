package io.kvasir.gateway.type;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.key.Version;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a large list: a first one, a tree of those between, a last one. What the root keeps of it is, each a
 * varint,
 *
 * <pre>
 *   records | next number | weight | levels of the tree | [number of its top]
 *   | elements of the first chunk | [its number | its weight] | elements of the last chunk | [its number | its weight]
 * </pre>
 *
 * where what stands in brackets is there only if the number before it is not 0. The tree's own count and weight are
 * what the outer chunks leave of the whole. Confined to the thread that runs the command.
 */
final class ListTrunk {

    private static final int NUMBERS_MAX = 11;

    /**
     * Where a chunk is referred to; of use until the list changes.
     *
     * @param path null for an outer chunk
     * @param end which of the outer chunks, of no meaning else
     * @param first rank of its first element
     */
    record Place(CountTree.@Nullable Path path, int end, long first) {}

    /** An outer chunk; its content is read when it is needed. */
    private static final class Outer {

        long number;
        int count;
        long weight;

        @Nullable
        ListChunk chunk;

        boolean changed;
    }

    private static final int FIRST = 0;
    private static final int LAST = 1;

    private final NumberedRecords records;
    private final ListLayout layout;
    private final Outer[] outer = {new Outer(), new Outer()};
    private final CountTree tree;

    private ListTrunk(NumberedRecords records, ListLayout layout, CountTree tree) {
        this.records = records;
        this.layout = layout;
        this.tree = tree;
    }

    /** Makes a trunk without chunks under a new generation. */
    static ListTrunk empty(Entry entry, ListLayout layout) {
        NumberedRecords records = new NumberedRecords(entry, entry.keyspace().newGeneration(), 0, 0);
        return new ListTrunk(records, layout, new CountTree(records, layout.nodeChildrenMax(), 0, 0, 0, 0));
    }

    /** Reads what the payload of {@code root} says from byte {@code start} on. */
    static ListTrunk read(Entry entry, ListLayout layout, Root root, int start) {
        byte[] payload = root.payload();
        int[] at = {start};
        long count = next(payload, at);
        NumberedRecords records = new NumberedRecords(entry, root.generation(), next(payload, at), count);
        long weight = next(payload, at);
        int levels = (int) next(payload, at);
        long top = levels == 0 ? 0 : next(payload, at);
        Outer[] outer = {new Outer(), new Outer()};
        long treeCount = root.count();
        for (Outer end : outer) {
            end.count = (int) next(payload, at);
            if (end.count > 0) {
                end.number = next(payload, at);
                end.weight = next(payload, at);
                treeCount -= end.count;
                weight -= end.weight;
            }
        }
        CountTree tree = new CountTree(records, layout.nodeChildrenMax(), top, levels, treeCount, weight);
        ListTrunk trunk = new ListTrunk(records, layout, tree);
        trunk.outer[FIRST] = outer[FIRST];
        trunk.outer[LAST] = outer[LAST];
        return trunk;
    }

    /** Returns the number of records of which the root's {@code payload} speaks from byte {@code start} on. */
    static long records(byte[] payload, int start) {
        return next(payload, new int[] {start});
    }

    private static long next(byte[] payload, int[] at) {
        long value = Varint.read(payload, at[0]);
        at[0] += Varint.size(value);
        return value;
    }

    Version generation() {
        return records.generation();
    }

    /** Returns the weight of all elements. */
    long weight() {
        return outer[FIRST].weight + tree.weight() + outer[LAST].weight;
    }

    /** Returns where the chunk with the element at {@code rank} is; there is one. */
    Place at(long rank) {
        long within = rank - outer[FIRST].count;
        if (within < 0) {
            return new Place(null, FIRST, 0);
        }
        if (within < tree.count()) {
            CountTree.Path path = tree.locate(within);
            return new Place(path, FIRST, outer[FIRST].count + path.first());
        }
        return new Place(null, LAST, outer[FIRST].count + tree.count());
    }

    ListChunk chunk(Place place) {
        CountTree.Path path = place.path();
        return path == null ? chunk(outer[place.end()]) : chunk(path.leaf());
    }

    private ListChunk chunk(Outer end) {
        ListChunk chunk = end.chunk;
        if (chunk == null) {
            chunk = end.count == 0 ? ListChunk.EMPTY : new ListChunk(records.read(end.number), end.count, end.weight);
            end.chunk = chunk;
        }
        return chunk;
    }

    private ListChunk chunk(CountTree.Child leaf) {
        return new ListChunk(records.read(leaf.number()), (int) leaf.count(), leaf.weight());
    }

    /** Adds {@code element} at one end. */
    void push(boolean atStart, byte[] element) {
        Outer end = outer[atStart ? FIRST : LAST];
        ListChunk chunk = chunk(end);
        if (end.count > 0 && chunk.bytes().length + (long) ListChunk.bytesOf(element) > layout.chunkBytesMax()) {
            moveIn(atStart);
            chunk = ListChunk.EMPTY;
        }
        set(end, chunk.with(atStart, element));
    }

    /** Adds a whole chunk at the end. */
    void append(ListChunk chunk) {
        if (chunk.count() > 0) {
            moveIn(false);
            set(outer[LAST], chunk);
        }
    }

    /** Puts {@code chunk}, of any length, in the place of the one at {@code place}. */
    void put(Place place, ListChunk chunk) {
        List<ListChunk> pieces = chunk.count() == 0 ? List.of() : chunk.split(layout.chunkBytesMax());
        CountTree.Path path = place.path();
        if (path != null) {
            putInTree(path, pieces);
            return;
        }
        boolean atStart = place.end() == FIRST;
        Outer end = outer[place.end()];
        if (pieces.isEmpty()) {
            set(end, ListChunk.EMPTY);
            return;
        }
        // The piece nearest to the tree goes in first; the outermost one stays outside.
        int inner = atStart ? pieces.size() - 1 : 0;
        set(end, pieces.get(inner));
        for (int i = 1; i < pieces.size(); i++) {
            moveIn(atStart);
            set(end, pieces.get(atStart ? inner - i : inner + i));
        }
    }

    /** Drops {@code elements} at one end, fewer than there are. */
    void drop(boolean atStart, long elements) {
        long left = dropOuter(outer[atStart ? FIRST : LAST], atStart, elements);
        if (left > 0 && tree.count() > 0) {
            if (left >= tree.count()) {
                left -= tree.count();
                tree.clear(records::delete);
            } else {
                left = tree.drop(atStart, left, records::delete);
                if (left > 0) {
                    Outer end = outer[atStart ? FIRST : LAST];
                    CountTree.Child leaf = tree.take(atStart);
                    end.number = leaf.number();
                    end.count = (int) leaf.count();
                    end.weight = leaf.weight();
                    end.chunk = null;
                    left = dropOuter(end, atStart, left);
                }
            }
        }
        dropOuter(outer[atStart ? LAST : FIRST], atStart, left);
    }

    /** Drops up to {@code elements} of one outer chunk; returns how many are left to drop. */
    private long dropOuter(Outer end, boolean atStart, long elements) {
        int dropped = (int) Math.min(elements, end.count);
        if (dropped > 0) {
            if (dropped == end.count) {
                set(end, ListChunk.EMPTY);
            } else {
                ListChunk chunk = chunk(end);
                set(end, atStart ? chunk.slice(dropped, chunk.count()) : chunk.slice(0, chunk.count() - dropped));
            }
        }
        return elements - dropped;
    }

    /** Counts the records that {@link #write} writes. */
    void claim() throws CommandError {
        save();
        records.claim();
    }

    /** Writes all changed records and returns what the root keeps. */
    byte[] write() {
        save();
        records.write();
        byte[] payload = new byte[NUMBERS_MAX * Varint.BYTES_MAX];
        int at = Varint.write(payload, 0, records.count());
        at = Varint.write(payload, at, records.next());
        at = Varint.write(payload, at, weight());
        at = Varint.write(payload, at, tree.levels());
        if (tree.levels() > 0) {
            at = Varint.write(payload, at, tree.top());
        }
        for (Outer end : outer) {
            at = Varint.write(payload, at, end.count);
            if (end.count > 0) {
                at = Varint.write(payload, at, end.number);
                at = Varint.write(payload, at, end.weight);
            }
        }
        return Arrays.copyOf(payload, at);
    }

    private void save() {
        for (Outer end : outer) {
            saveOuter(end);
        }
        tree.save();
    }

    private void saveOuter(Outer end) {
        ListChunk chunk = end.chunk;
        if (end.changed && chunk != null) {
            records.put(end.number, chunk.bytes());
            end.changed = false;
        }
    }

    private void putInTree(CountTree.Path path, List<ListChunk> pieces) {
        CountTree.Child leaf = path.leaf();
        if (pieces.isEmpty()) {
            records.delete(leaf.number());
            tree.replace(path, List.of());
            return;
        }
        if (pieces.size() == 1 && pieces.getFirst().bytes().length < layout.chunkBytesMax() / 4) {
            if (joined(path, pieces.getFirst(), path.index() + 1)
                    || joined(path, pieces.getFirst(), path.index() - 1)) {
                return;
            }
        }
        CountTree.Child[] children = new CountTree.Child[pieces.size()];
        for (int i = 0; i < children.length; i++) {
            children[i] = child(i == 0 ? leaf.number() : records.add(), pieces.get(i));
        }
        tree.replace(path, List.of(children));
    }

    /** Puts {@code chunk} of the leaf at {@code path} together with a neighbour, if there is one with room. */
    private boolean joined(CountTree.Path path, ListChunk chunk, int neighbour) {
        if (neighbour < 0 || neighbour >= path.siblings()) {
            return false;
        }
        CountTree.Child other = path.sibling(neighbour);
        int bytesMax = layout.chunkBytesMax() * 3 / 4;
        if (chunk.weight() + other.weight() > bytesMax) {
            return false;
        }
        ListChunk beside = chunk(other);
        if (chunk.bytes().length + beside.bytes().length > bytesMax) {
            return false;
        }
        boolean after = neighbour > path.index();
        records.delete(other.number());
        ListChunk whole = after ? chunk.append(beside) : beside.append(chunk);
        int from = Math.min(neighbour, path.index());
        tree.replace(path, from, from + 2, List.of(child(path.leaf().number(), whole)));
        return true;
    }

    /** Writes {@code chunk} as record {@code number}. */
    private CountTree.Child child(long number, ListChunk chunk) {
        records.put(number, chunk.bytes());
        return new CountTree.Child(number, chunk.count(), chunk.weight());
    }

    /** Moves an outer chunk into the tree, if it has elements. */
    private void moveIn(boolean atStart) {
        Outer end = outer[atStart ? FIRST : LAST];
        if (end.count > 0) {
            saveOuter(end);
            tree.add(atStart, new CountTree.Child(end.number, end.count, end.weight));
            end.count = 0;
            end.weight = 0;
            end.chunk = ListChunk.EMPTY;
        }
    }

    /** Gives an outer chunk another content; one without elements is deleted. */
    private void set(Outer end, ListChunk chunk) {
        if (chunk.count() == 0) {
            if (end.count > 0) {
                records.delete(end.number);
            }
            end.changed = false;
        } else {
            if (end.count == 0) {
                end.number = records.add();
            }
            end.changed = true;
        }
        end.chunk = chunk;
        end.count = chunk.count();
        end.weight = chunk.weight();
    }
}
