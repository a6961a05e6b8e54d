package io.kvasir.gateway.type;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.key.Version;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A list. Up to a kibibyte it stands in the root; a larger one in chunks ({@link ListChunk}), each a record of about a
 * kibibyte or of one longer element.
 *
 * <p><b>Model.</b> The list is a first chunk, a tree of chunks by rank ({@link CountTree}), and a last chunk; the root
 * names the outer chunks, either of which may be missing. So pushing and popping changes an outer chunk and the root,
 * and the tree only when a chunk is full or empty; anything in the middle changes its chunk, the few nodes above it and
 * the root. A list once in chunks stays there until it is replaced.
 *
 * <p>Like Redis' listpacks the list has a weight ({@link ListPack}), by which OBJECT ENCODING is decided when it grows
 * and when it shrinks.
 *
 * <p>Changes are made in memory. {@link #claim}, which may refuse, and then {@link #store} write them, so that a
 * command of several lists writes all or none. Confined to the thread that runs the command.
 */
public final class ListValue {

    static final byte FLAG_QUICKLIST = 1;

    private static final int FLAG_BYTES = 1;

    private final Entry entry;
    private final ListLayout layout;
    private final int packLimit;
    private final long expiryMillis;
    private long count;
    private byte flags;
    private @Nullable ListChunk inline;
    private @Nullable ListTrunk trunk;

    private ListValue(Entry entry, boolean existing, ListLayout layout) {
        this.entry = entry;
        this.layout = layout;
        this.packLimit = (int) entry.keyspace().thresholds().listSize();
        if (!existing) {
            expiryMillis = 0;
            inline = ListChunk.EMPTY;
            return;
        }
        Root root = entry.root();
        expiryMillis = root.expiryMillis();
        count = root.count();
        flags = root.payload()[0];
        if (root.isInline()) {
            inline = ListChunk.read(root.payload(), FLAG_BYTES);
        } else {
            trunk = ListTrunk.read(entry, layout, root, FLAG_BYTES);
        }
    }

    /**
     * Opens {@code userKey} as a list, perhaps absent.
     *
     * @throws CommandError WRONGTYPE if it holds another type
     */
    public static ListValue open(Keyspace keyspace, byte[] userKey) throws CommandError {
        return of(keyspace.open(userKey).require(RootType.LIST));
    }

    /** Returns the list that {@code entry} holds, which is a list or absent. */
    public static ListValue of(Entry entry) {
        return of(entry, ListLayout.STANDARD);
    }

    static ListValue of(Entry entry, ListLayout layout) {
        return new ListValue(entry, entry.exists(), layout);
    }

    /** Returns an empty list that replaces what {@code entry} holds, whatever it is, once it is stored. */
    public static ListValue replacing(Entry entry) {
        return new ListValue(entry, false, ListLayout.STANDARD);
    }

    /** Returns the number of sub-records of the list whose root is {@code root}. */
    static long records(Root root) {
        return root.isInline() ? 0 : ListTrunk.records(root.payload(), FLAG_BYTES);
    }

    public Entry entry() {
        return entry;
    }

    /** Returns the number of elements, 0 if the key does not exist. */
    public long size() {
        return count;
    }

    /** Returns what OBJECT ENCODING answers: "listpack" or "quicklist". */
    public String encoding() {
        return (flags & FLAG_QUICKLIST) == 0 ? "listpack" : "quicklist";
    }

    /** Returns the element at {@code index}, counted from the end if negative; null if there is none. */
    public byte @Nullable [] get(long index) {
        long rank = index < 0 ? index + count : index;
        if (rank < 0 || rank >= count) {
            return null;
        }
        Spot spot = spot(rank);
        return spot.chunk().get((int) (rank - spot.first()));
    }

    /** Returns the elements from {@code from} to {@code to}, excluded, both within the list. */
    public List<byte[]> range(long from, long to) {
        List<byte[]> elements = new ArrayList<>((int) Math.min(to - from, 1 << 16));
        for (long at = from; at < to; ) {
            Spot spot = spot(at);
            int end = (int) Math.min(spot.chunk().count(), to - spot.first());
            spot.chunk().addTo(elements, (int) (at - spot.first()), end);
            at = spot.first() + end;
        }
        return elements;
    }

    /** Takes the ranks at which an element stands. */
    @FunctionalInterface
    public interface Visitor {

        /** Takes one rank; returns whether to go on. */
        boolean visit(long rank);
    }

    /**
     * Visits the ranks of {@code element} from one end on, until the visitor has enough or {@code most} elements were
     * compared.
     *
     * @param most at least 0; beyond the size for all
     */
    public void find(byte[] element, boolean fromStart, long most, Visitor visitor) {
        long left = Math.min(most, count);
        for (long done = 0; done < left; ) {
            Spot spot = spot(fromStart ? done : count - 1 - done);
            int elements = (int) Math.min(spot.chunk().count(), left - done);
            int from = fromStart ? 0 : spot.chunk().count() - elements;
            int[] found = spot.chunk().find(element, from, from + elements);
            for (int i = 0; i < found.length; i++) {
                if (!visitor.visit(spot.first() + found[fromStart ? i : found.length - 1 - i])) {
                    return;
                }
            }
            done += elements;
        }
    }

    /** Adds {@code elements} one after another at one end. */
    public void push(boolean atStart, byte[]... elements) {
        grow(elements);
        for (byte[] element : elements) {
            ListChunk own = inline;
            if (own != null && fitsInline(own.bytes().length + (long) ListChunk.bytesOf(element))) {
                inline = own.with(atStart, element);
            } else {
                spilled().push(atStart, element);
            }
        }
        count += elements.length;
    }

    /** Removes and returns up to {@code most} elements at one end, that at the very end first. */
    public List<byte[]> pop(boolean atStart, long most) {
        long taken = Math.min(most, count);
        List<byte[]> elements = atStart ? range(0, taken) : range(count - taken, count);
        if (!atStart) {
            Collections.reverse(elements);
        }
        drop(atStart, taken);
        shrink();
        return elements;
    }

    /** Keeps only the elements from {@code from} to {@code to}, excluded, both within the list. */
    public void trim(long from, long to) {
        if (from >= to) {
            drop(true, count);
        } else {
            drop(false, count - to);
            drop(true, from);
        }
        shrink();
    }

    /** Puts {@code element} at {@code rank}, which is within the list, in place of what stands there. */
    public void set(long rank, byte[] element) {
        grow(element);
        Spot spot = spot(rank);
        int index = (int) (rank - spot.first());
        put(spot, spot.chunk().splice(index, index + 1, element));
        shrink();
    }

    /** Puts {@code element} before or after the first {@code pivot}; returns whether there is one. */
    public boolean insert(byte[] pivot, boolean before, byte[] element) {
        long[] rank = {-1};
        find(pivot, true, count, found -> {
            rank[0] = found;
            return false;
        });
        if (rank[0] < 0) {
            return false;
        }
        grow(element);
        Spot spot = spot(rank[0]);
        int index = (int) (rank[0] - spot.first()) + (before ? 0 : 1);
        put(spot, spot.chunk().splice(index, index, element));
        return true;
    }

    /**
     * Removes {@code element} wherever it stands, at most {@code most} times, from one end on.
     *
     * @return how many were removed
     */
    public long remove(byte[] element, boolean fromStart, long most) {
        long removed = 0;
        for (long done = 0; done < count && removed < most; ) {
            Spot spot = spot(fromStart ? done : count - 1 - done);
            ListChunk chunk = spot.chunk();
            int[] found = chunk.find(element, 0, chunk.count());
            int taken = (int) Math.min(found.length, most - removed);
            if (taken > 0) {
                int first = fromStart ? 0 : found.length - taken;
                put(spot, chunk.without(Arrays.copyOfRange(found, first, first + taken)));
                removed += taken;
            }
            // A chunk may have been put together with the one before: count from the list's end, not from the chunk's.
            done = fromStart ? spot.first() + chunk.count() - taken : count - spot.first();
        }
        if (removed > 0) {
            shrink();
        }
        return removed;
    }

    /**
     * Counts what {@link #store} is going to write.
     *
     * @throws CommandError "ERR value too large…" if it is more than a command may write
     */
    public void claim() throws CommandError {
        if (count > 0) {
            entry.keyspace().claim(1, entry.rootKey().length + (long) layout.inlineBytesMax());
            if (trunk != null) {
                trunk.claim();
            }
        }
    }

    /** Writes the list, after {@link #claim}; removes the key if no element is left. */
    public void store() {
        if (count == 0) {
            entry.remove();
            return;
        }
        ListTrunk large = trunk;
        Version generation = large == null ? Version.NONE : large.generation();
        if (entry.exists() && !entry.root().generation().equals(generation)) {
            entry.dropElements();
        }
        byte[] payload = withFlags(large == null ? inlineChunk().bytes() : large.write());
        entry.put(new Root(RootType.LIST, expiryMillis, generation, count, payload));
    }

    /** A chunk and the rank of its first element. */
    private record Spot(ListChunk chunk, long first, ListTrunk.@Nullable Place place) {}

    private Spot spot(long rank) {
        ListChunk own = inline;
        if (own != null) {
            return new Spot(own, 0, null);
        }
        ListTrunk large = spilled();
        ListTrunk.Place place = large.at(rank);
        return new Spot(large.chunk(place), place.first(), place);
    }

    private void put(Spot spot, ListChunk chunk) {
        count += chunk.count() - spot.chunk().count();
        ListTrunk.Place place = spot.place();
        if (place != null) {
            spilled().put(place, chunk);
        } else {
            inline = chunk;
            if (!fitsInline(chunk.bytes().length)) {
                spilled();
            }
        }
    }

    private void drop(boolean atStart, long elements) {
        ListChunk own = inline;
        if (own != null) {
            inline = atStart ? own.slice((int) elements, own.count()) : own.slice(0, (int) (own.count() - elements));
        } else if (elements < count) {
            spilled().drop(atStart, elements);
        } else {
            trunk = null;
            inline = ListChunk.EMPTY;
        }
        count -= elements;
    }

    /** Returns the chunks; an inline list moves into some. */
    private ListTrunk spilled() {
        ListTrunk large = trunk;
        if (large == null) {
            large = ListTrunk.empty(entry, layout);
            for (ListChunk piece : inlineChunk().split(layout.chunkBytesMax())) {
                large.append(piece);
            }
            trunk = large;
            inline = null;
        }
        return large;
    }

    private ListChunk inlineChunk() {
        ListChunk own = inline;
        if (own == null) {
            throw new IllegalStateException("the list stands in chunks");
        }
        return own;
    }

    private boolean fitsInline(long bytes) {
        return FLAG_BYTES + bytes <= layout.inlineBytesMax();
    }

    private byte[] withFlags(byte[] rest) {
        byte[] payload = new byte[FLAG_BYTES + rest.length];
        payload[0] = flags;
        System.arraycopy(rest, 0, payload, FLAG_BYTES, rest.length);
        return payload;
    }

    /** Returns what the elements take in a listpack. */
    long weight() {
        ListChunk own = inline;
        return own != null ? own.weight() : spilled().weight();
    }

    private long packBytes() {
        return ListPack.EMPTY_BYTES + weight();
    }

    /** Notes whether Redis would make a quicklist before it adds {@code elements} (t_list.c). */
    private void grow(byte[]... elements) {
        if ((flags & FLAG_QUICKLIST) == 0) {
            long bytes = packBytes();
            for (byte[] element : elements) {
                bytes += element.length;
            }
            if (ListPack.exceeds(packLimit, bytes, count + elements.length)) {
                flags |= FLAG_QUICKLIST;
            }
        }
    }

    private void shrink() {
        if ((flags & FLAG_QUICKLIST) != 0 && count > 0 && ListPack.fitsHalf(packLimit, packBytes(), count)) {
            flags &= ~FLAG_QUICKLIST;
        }
    }
}
