package io.kvasir.gateway.type;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stream. While it has no groups, one node of entries and up to {@link #INLINE_BYTES_MAX} bytes it stands in the
 * root; a larger one has records: {@link StreamChunks} and {@link StreamGroup}s. A stream once in records stays there,
 * also when it is empty.
 *
 * <p>An addition changes the last chunk and the root; what is asked of the middle is found by one seek. The root keeps
 * what Redis keeps of a stream: the last id, the first and the largest deleted one, how many entries were ever added.
 *
 * <p>Changes are complete only with {@link #store}, which every change must be followed by, because the root's version
 * is that of the stream (rule K20). Confined to the thread that runs the command.
 */
public final class StreamValue {

    /** Largest payload of a root that holds its entries itself; chosen by bytes written per operation (rule K27). */
    public static final int INLINE_BYTES_MAX = 1_024;

    /** Bytes of entries beyond which the next chunk begins. */
    static final int CHUNK_BYTES_MAX = 1_024;

    /** Numbers in the root before those of its records. */
    private static final int HEAD_NUMBERS = 7;

    private final Entry entry;
    private final Transaction transaction;
    private final Thresholds thresholds;
    private long count;
    private StreamId lastId = StreamId.ZERO;
    private StreamId maxDeletedId = StreamId.ZERO;
    private StreamId firstId = StreamId.ZERO;
    private boolean firstIsGone;
    private long added;
    private long groupRecords;
    private long groups;
    private int nextGroup;
    private @Nullable StreamChunk inline;
    private @Nullable StreamChunks chunks;

    private StreamValue(Entry entry) {
        this.entry = entry;
        this.transaction = entry.keyspace().transaction();
        this.thresholds = entry.keyspace().thresholds();
        if (entry.exists()) {
            read(entry.root());
        }
    }

    /**
     * Opens {@code userKey} as a stream, perhaps absent.
     *
     * @throws CommandError WRONGTYPE if it holds another type
     */
    public static StreamValue open(Keyspace keyspace, byte[] userKey) throws CommandError {
        return new StreamValue(keyspace.open(userKey).require(RootType.STREAM));
    }

    public Entry entry() {
        return entry;
    }

    /** Returns whether the key exists; a stream may be empty. */
    public boolean exists() {
        return entry.exists();
    }

    /** Returns the number of entries. */
    public long size() {
        return count;
    }

    /** Returns the last id that was given, or set. */
    public StreamId lastId() {
        return lastId;
    }

    /** Returns the largest id of an entry that XDEL removed, {@link StreamId#ZERO} if it removed none. */
    public StreamId maxDeletedId() {
        return maxDeletedId;
    }

    /** Returns how many entries were ever added. */
    public long added() {
        return added;
    }

    /** Returns the number of nodes in which Redis would keep the entries. */
    public long nodes() {
        StreamChunks records = chunks;
        return records != null ? records.nodes() : inline == null ? 0 : 1;
    }

    /** Returns the number of groups. */
    public long groups() {
        return groups;
    }

    /** Returns the id of the first entry, {@link StreamId#ZERO} if there is none. */
    public StreamId firstId() {
        if (firstIsGone) {
            firstId = edgeId(false);
            firstIsGone = false;
        }
        return firstId;
    }

    /** Returns the id of the last entry, {@link StreamId#ZERO} if there is none. */
    public StreamId topId() {
        return edgeId(true);
    }

    private StreamId edgeId(boolean last) {
        StreamId[] edge = {StreamId.ZERO};
        range(StreamId.ZERO, StreamId.MAX, last, found -> {
            edge[0] = found.id();
            return false;
        });
        return edge[0];
    }

    /** Sets what XSETID sets; {@code lastId} is not before an entry that is there. */
    public void set(StreamId lastId, long added, StreamId maxDeletedId) {
        if (lastId.isBefore(this.lastId) && count == 0) {
            inline = null;
            if (chunks != null) {
                chunks.beginEra();
            }
        }
        this.lastId = lastId;
        this.added = added;
        this.maxDeletedId = maxDeletedId;
    }

    /**
     * Counts the writing of {@code bytes} of an entry, or of names, to be called before the first change of a command.
     *
     * @throws CommandError "ERR value too large…" if they do not fit one command
     */
    public void claim(long bytes) throws CommandError {
        int keyBytes = StreamChunks.keyBytes(entry.stem());
        entry.keyspace().claim(3, 3L * keyBytes + INLINE_BYTES_MAX + CHUNK_BYTES_MAX + bytes);
    }

    /** Adds {@code added} behind all entries; its id is after the last one. */
    public void append(StreamEntry added) {
        StreamChunk tail = tail();
        append(added, tail, tail == null || tail.isFullFor(added, thresholds));
    }

    /** Returns the last chunk, null if there is none. */
    private @Nullable StreamChunk tail() {
        StreamChunks records = chunks;
        return records == null ? inline : records.last();
    }

    /**
     * Makes the stream, which is absent, one of the entries of {@code nodes}.
     *
     * @param nodes none is empty; ids rise up to {@code lastId}
     */
    public void restore(List<List<StreamEntry>> nodes, StreamId lastId, long added, StreamId maxDeletedId) {
        for (List<StreamEntry> node : nodes) {
            boolean first = true;
            for (StreamEntry next : node) {
                append(next, tail(), first);
                first = false;
            }
        }
        this.lastId = lastId;
        this.added = added;
        this.maxDeletedId = maxDeletedId;
    }

    /** Returns all entries, in the nodes in which Redis would keep them; none is empty. */
    public List<List<StreamEntry>> entriesByNode() {
        List<List<StreamEntry>> found = new ArrayList<>();
        StreamId[] node = {StreamId.ZERO};
        StreamChunks.Visitor visitor = chunk -> {
            if (chunk.count() > 0 && (found.isEmpty() || !chunk.node().equals(node[0]))) {
                node[0] = chunk.node();
                found.add(new ArrayList<>());
            }
            if (chunk.count() > 0) {
                found.getLast().addAll(chunk.between(StreamId.ZERO, StreamId.MAX));
            }
            return true;
        };
        StreamChunks records = chunks;
        StreamChunk only = inline;
        if (records != null) {
            records.visit(StreamId.ZERO, StreamId.MAX, false, visitor);
        } else if (only != null) {
            visitor.visit(only);
        }
        return found;
    }

    private void append(StreamEntry added, @Nullable StreamChunk tail, boolean newNode) {
        StreamChunks records = chunks;
        StreamChunk changed = tail == null || newNode ? StreamChunk.of(added) : tail.with(added);
        if (records == null && (tail == null || !newNode) && fitsInline(changed)) {
            inline = changed;
        } else {
            StreamChunks large = spilled();
            if (tail == null || newNode) {
                large.add(changed, true);
            } else if (changed.bytes() > CHUNK_BYTES_MAX && tail.count() > 0) {
                large.add(tail.next(added), false);
            } else {
                large.replace(changed);
            }
        }
        count++;
        this.added++;
        lastId = added.id();
        if (count == 1) {
            firstId = added.id();
            firstIsGone = false;
        }
    }

    /** Removes the entry {@code id}; returns whether it was there. */
    public boolean delete(StreamId id) {
        StreamChunk chunk = chunkOf(id);
        StreamChunk left = chunk == null ? null : chunk.without(id);
        if (left == null || left == chunk) {
            return false;
        }
        count--;
        firstIsGone |= count == 0 || id.equals(firstId);
        if (id.isAfter(maxDeletedId)) {
            maxDeletedId = id;
        }
        StreamChunks records = chunks;
        if (records == null) {
            inline = left.count() == 0 ? null : left;
        } else if (left.count() == 0) {
            records.remove(left);
        } else {
            records.replace(left);
        }
        return true;
    }

    /** Returns the entry {@code id}, null if there is none. */
    public @Nullable StreamEntry find(StreamId id) {
        StreamChunk chunk = chunkOf(id);
        return chunk == null ? null : chunk.find(id);
    }

    /** Returns the chunk that holds {@code id} if any does. */
    private @Nullable StreamChunk chunkOf(StreamId id) {
        if (count == 0 || id.isAfter(lastId)) {
            return null;
        }
        StreamChunks records = chunks;
        return records == null ? inline : records.find(id);
    }

    /** Gets entries; their arrays may be shared among entries and must not be changed. */
    @FunctionalInterface
    public interface Visitor {

        /** Takes one entry; returns whether to go on. */
        boolean visit(StreamEntry entry);
    }

    /**
     * Visits the entries from {@code from} to {@code to}, both included, until the visitor has enough. Nothing may be
     * changed meanwhile.
     */
    public void range(StreamId from, StreamId to, boolean reverse, Visitor visitor) {
        if (count == 0 || from.isAfter(to)) {
            return;
        }
        StreamChunks records = chunks;
        StreamChunk only = inline;
        if (records != null) {
            records.visit(from, to, reverse, chunk -> visit(chunk, from, to, reverse, visitor));
        } else if (only != null) {
            visit(only, from, to, reverse, visitor);
        }
    }

    private static boolean visit(StreamChunk chunk, StreamId from, StreamId to, boolean reverse, Visitor visitor) {
        List<StreamEntry> found = chunk.between(from, to);
        for (StreamEntry next : reverse ? found.reversed() : found) {
            if (!visitor.visit(next)) {
                return false;
            }
        }
        return true;
    }

    /** Trims the stream; returns how many entries went. */
    public long trim(StreamTrim how) {
        if (count == 0 || how.isDone(count)) {
            return 0;
        }
        StreamChunks records = chunks;
        StreamChunk only = inline;
        if (how.takesAll(lastId)) {
            // Whatever there is: no entry need be read.
            long all = count;
            inline = null;
            if (records != null) {
                records.removeAll();
            }
            count = 0;
            firstIsGone = true;
            return all;
        }
        StreamTrim.Plan plan = records != null
                ? records.plan(how, count)
                : how.plan(count, (only == null ? List.<StreamChunk>of() : List.of(only)).iterator());
        if (plan.deleted() == 0) {
            return 0;
        }
        if (records != null) {
            records.remove(plan);
        } else {
            inline = plan.cut();
        }
        count -= plan.deleted();
        firstIsGone = true;
        return plan.deleted();
    }

    /**
     * Returns whether an entry from {@code from} on was removed by XDEL, as far as that is known (redis t_stream.c).
     */
    boolean hasTombstoneFrom(StreamId from) {
        return count > 0 && !maxDeletedId.isZero() && !firstId().isAfter(maxDeletedId) && !from.isAfter(maxDeletedId);
    }

    /**
     * Returns how many entries up to {@code id} were ever added (redis t_stream.c,
     * streamEstimateDistanceFromFirstEverEntry).
     *
     * @return {@link StreamGroup#UNKNOWN} if that is not known
     */
    public long readUpTo(StreamId id) {
        if (added == 0) {
            return 0;
        }
        if (id.equals(lastId) || count == 0 && id.isBefore(lastId)) {
            return added;
        }
        if (id.isAfter(lastId) || !maxDeletedId.isZero() && !maxDeletedId.isBefore(firstId())) {
            return StreamGroup.UNKNOWN;
        }
        int toFirst = id.compareTo(firstId());
        return toFirst < 0 ? added - count : toFirst == 0 ? added - count + 1 : StreamGroup.UNKNOWN;
    }

    Transaction transaction() {
        return transaction;
    }

    /** Returns the key of the sub-record {@code suffix}; the stream has records. */
    byte[] key(byte[] suffix) {
        return KeyLayout.element(entry.stem(), KeyLayout.KIND_ELEMENT, spilled().generation(), suffix);
    }

    /** Counts a new group, which has a record of its own; returns its number. */
    int addGroup() {
        spilled();
        groups++;
        groupRecords++;
        return nextGroup++;
    }

    /** Counts a group less, and {@code records} of groups. */
    void removeGroup(long records) {
        groups--;
        groupRecords -= records;
    }

    /** Counts {@code delta} more records of groups. */
    void countGroupRecords(long delta) {
        groupRecords += delta;
    }

    /** Writes the root of a changed stream. */
    public void store() {
        StreamChunks records = chunks;
        if (records != null) {
            records.flush();
        }
        Version generation = records == null ? Version.NONE : records.generation();
        entry.put(new Root(RootType.STREAM, entry.expiryMillis(), generation, count, payload(inline)));
    }

    /** Returns the number of sub-records of the stream whose root is {@code root}. */
    static long records(Root root) {
        if (root.isInline()) {
            return 0;
        }
        WireReader in = new WireReader(root.payload());
        for (int i = 0; i < HEAD_NUMBERS; i++) {
            in.varint();
        }
        return in.varint() + in.varint();
    }

    private void read(Root root) {
        count = root.count();
        WireReader in = new WireReader(root.payload());
        lastId = readId(in);
        maxDeletedId = readId(in);
        firstId = readId(in);
        added = in.varint();
        if (root.isInline()) {
            inline = in.remaining() == 0 ? null : StreamChunk.decode(null, root.payload(), in.offset());
            return;
        }
        groupRecords = in.varint();
        chunks = StreamChunks.read(entry, root.generation(), in);
        groups = in.varint();
        nextGroup = (int) in.varint();
        in.end();
    }

    /** Returns the payload of the root, with {@code tail} if the stream stands in it. */
    private byte[] payload(@Nullable StreamChunk tail) {
        WireWriter out = new WireWriter(64);
        writeId(out, lastId);
        writeId(out, maxDeletedId);
        writeId(out, firstId());
        out.varint(added);
        StreamChunks records = chunks;
        if (records != null) {
            out.varint(groupRecords);
            records.write(out);
            out.varint(groups).varint(nextGroup);
        } else if (tail != null) {
            out.raw(tail.encode());
        }
        return out.toBytes();
    }

    static StreamId readId(WireReader in) {
        return new StreamId(in.varint(), in.varint());
    }

    static void writeId(WireWriter out, StreamId id) {
        out.varint(id.millis()).varint(id.sequence());
    }

    /** Returns whether {@code chunk} leaves room in the root for numbers that have grown by then. */
    private boolean fitsInline(StreamChunk chunk) {
        return payload(chunk).length + Varint.BYTES_MAX <= INLINE_BYTES_MAX;
    }

    /** Returns the records; a stream in the root moves into some. */
    private StreamChunks spilled() {
        StreamChunks records = chunks;
        if (records == null) {
            records = new StreamChunks(entry, entry.keyspace().newGeneration());
            StreamChunk only = inline;
            if (only != null) {
                records.add(only, true);
                inline = null;
            }
            chunks = records;
        }
        return records;
    }
}
