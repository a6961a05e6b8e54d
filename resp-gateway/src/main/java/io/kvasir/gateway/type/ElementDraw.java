package io.kvasir.gateway.type;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.region.Transaction;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Draws random elements of a collection, every one with the same chance.
 *
 * <p>Of a small collection, or where a good part of it is wanted, all elements are read and drawn from. In a large one
 * the space of hashes is cut into windows of {@link #WINDOW} elements each on average, and a draw is by rejection: a
 * random window and a random place from 0 to {@link #PLACES} - 1 in it; if the window has an element at that place it
 * is drawn, else both are drawn anew. So each element stands for exactly one of {@code windows * PLACES} equally likely
 * outcomes, whatever the distances between hashes, and a draw reads about {@code PLACES} records in four tries, however
 * many there are.
 *
 * <p>That is exact as long as no window holds more than {@code PLACES} elements. With hashes as good as random the
 * chance that any of 10 million elements stands in a fuller one is below 1 in 10^11 (a Poisson number of mean 16 above
 * 64). A set's hashes are keyed by a secret seed ({@link MemberHash}), so nobody can make them otherwise; should a full
 * window be met all the same, the whole collection is read and drawn from.
 *
 * <p>Confined to the thread that runs the command.
 */
public final class ElementDraw {

    /** Elements up to which a collection is read whole. */
    static final int READ_WHOLE_MAX = 256;

    /** Most elements that {@link #repeated} draws: what a reply may hold. */
    public static final long REPEATED_MAX = 1_000_000;

    /** Part of the elements from which on all are read: one in this number, about what reading them costs. */
    private static final int READ_WHOLE_PART = 64;

    /** Elements of a window on average. */
    private static final int WINDOW = 16;

    /** Most windows; below the number of hashes, so that a window has one at least. */
    private static final int WINDOWS_MAX = 1 << 30;

    /** Places of a window. */
    private static final int PLACES = 64;

    /** Tries for one element after which all are read after all; three of four fail. */
    private static final int TRIES_MAX = 200;

    /**
     * An element.
     *
     * @param value empty in collections without values
     */
    public record Element(byte[] name, byte[] value) {}

    private final Transaction transaction;
    private final long size;
    private final @Nullable HashedRecords records;
    private @Nullable List<Element> all;

    private ElementDraw(
            Transaction transaction, long size, @Nullable HashedRecords records, @Nullable List<Element> all) {
        this.transaction = transaction;
        this.size = size;
        this.records = records;
        this.all = all;
    }

    /** Returns a draw from the fields of {@code hash}, which must not change meanwhile. */
    public static ElementDraw of(HashValue hash) {
        Transaction transaction = hash.entry().keyspace().transaction();
        if (!hash.isInline()) {
            return new ElementDraw(transaction, hash.size(), hash.records(), null);
        }
        List<Element> all = new ArrayList<>();
        hash.forEach((name, value) -> all.add(new Element(name, value))); // add returns true: go on
        return new ElementDraw(transaction, hash.size(), null, all);
    }

    /** Returns a draw from the members of {@code set}, which must not change meanwhile. */
    public static ElementDraw of(SetValue set) {
        Transaction transaction = set.entry().keyspace().transaction();
        if (!set.isInline()) {
            return new ElementDraw(transaction, set.size(), set.records(), null);
        }
        List<Element> all = new ArrayList<>();
        set.forEach(member -> all.add(new Element(member, SetValue.NO_VALUE)));
        return new ElementDraw(transaction, set.size(), null, all);
    }

    /**
     * Returns without effect if {@code count} is one that a command may ask for.
     *
     * @param count negative for elements that may repeat
     * @throws CommandError "ERR value is out of range" if more than {@link #REPEATED_MAX} repeated ones are asked for
     */
    public static void requireRepeatable(long count) throws CommandError {
        if (count < -REPEATED_MAX) {
            throw CommandError.OUT_OF_RANGE;
        }
    }

    /** Returns one element of the collection, which has some. */
    public Element one() {
        return readsWhole(1) ? pick(all()) : near();
    }

    /** Returns {@code count} different elements, all if there are not more. */
    public List<Element> distinct(long count) {
        if (count >= size) {
            return all();
        }
        if (readsWhole(count)) {
            return distinctOf(all(), (int) count);
        }
        List<Element> drawn = new ArrayList<>();
        Set<ByteBuffer> names = new HashSet<>();
        while (drawn.size() < count) {
            Element element = near();
            if (names.add(ByteBuffer.wrap(element.name()))) {
                drawn.add(element);
            }
        }
        return drawn;
    }

    /** Returns {@code count} elements, at most {@link #REPEATED_MAX}, of the collection, which has some. */
    public List<Element> repeated(long count) {
        List<Element> drawn = new ArrayList<>();
        boolean whole = readsWhole(count);
        for (long i = 0; i < count; i++) {
            drawn.add(whole ? pick(all()) : near());
        }
        return drawn;
    }

    /** Returns the names of all elements in random order. */
    public List<byte[]> shuffled() {
        List<byte[]> names = new ArrayList<>();
        distinctOf(all(), (int) size).forEach(element -> names.add(element.name()));
        return names;
    }

    private boolean readsWhole(long count) {
        return all != null || size <= READ_WHOLE_MAX || count > size / READ_WHOLE_PART;
    }

    private List<Element> all() {
        List<Element> read = all;
        if (read == null) {
            read = new ArrayList<>();
            List<Element> found = read;
            records().forEach((name, value) -> found.add(new Element(name, value)));
            all = read;
        }
        return read;
    }

    private List<Element> distinctOf(List<Element> elements, int count) {
        for (int i = 0; i < count; i++) {
            Collections.swap(elements, i, i + below(elements.size() - i));
        }
        return elements.subList(0, count);
    }

    private Element near() {
        if (all != null) {
            return pick(all());
        }
        int windows = (int) Math.min(WINDOWS_MAX, size / WINDOW);
        List<Element> found = new ArrayList<>(PLACES);
        for (int tries = 0; tries < TRIES_MAX; tries++) {
            long window = below(windows);
            int place = below(PLACES);
            found.clear();
            records().scan(start(window, windows), start(window + 1, windows), (name, value) -> {
                found.add(new Element(name, value));
                return found.size() <= PLACES;
            });
            if (found.size() > PLACES) {
                break;
            }
            if (place < found.size()) {
                return found.get(place);
            }
        }
        return pick(all());
    }

    /** Returns the hash at which {@code window} of {@code windows} starts. */
    private static long start(long window, int windows) {
        return window == windows ? HashedRecords.HASHES : (window << Integer.SIZE) / windows;
    }

    private HashedRecords records() {
        HashedRecords existing = records;
        if (existing == null) {
            throw new IllegalStateException("a small collection is read whole");
        }
        return existing;
    }

    private Element pick(List<Element> elements) {
        return elements.get(below(elements.size()));
    }

    private int below(int bound) {
        return (int) Math.unsignedMultiplyHigh(transaction.random(), bound);
    }
}
