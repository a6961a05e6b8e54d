package io.kvasir.gateway.type;

import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some entries of a stream one after another. A chunk is known by its key, the id of the entry it was made for, which
 * is never after those in it:
 *
 * <pre>
 *   node | entries of the node | its bytes | its last id | entries here | fields, a list of bytes | entries
 *   an entry: id | 0, or number of pairs | values, or fields and values in turn, bytes each
 * </pre>
 *
 * An entry whose fields are those of the chunk has a 0 and its values only. Ids are two varints: of the node as they
 * are, else relative to the key (of the node's last id: to the node), that is the difference of the first numbers and
 * then, if that is 0, the difference of the second ones, else the second one itself.
 *
 * <p><b>Nodes.</b> Redis keeps a stream in nodes and trims whole ones where it may choose ("MAXLEN ~"), so where nodes
 * begin is seen by users. Consecutive chunks with one node id are such a node. What a chunk says of it is what held
 * when the chunk was its last one; deleted entries count, as they do there.
 *
 * <p>Immutable; arrays are shared and must not be changed.
 */
final class StreamChunk {

    /** Largest node if {@code stream-node-max-bytes} sets no bound (redis t_stream.c). */
    private static final long NODE_BYTES_MAX = 1 << 30;

    private static final int SAME_FIELDS = 0;

    private final StreamId key;
    private final StreamId node;
    private final long nodeEntries;
    private final long nodeBytes;
    private final StreamId nodeLast;
    private final int count;
    private final byte[][] fields;
    private final byte[] entries;

    private StreamChunk(
            StreamId key,
            StreamId node,
            long nodeEntries,
            long nodeBytes,
            StreamId nodeLast,
            int count,
            byte[][] fields,
            byte[] entries) {
        this.key = key;
        this.node = node;
        this.nodeEntries = nodeEntries;
        this.nodeBytes = nodeBytes;
        this.nodeLast = nodeLast;
        this.count = count;
        this.fields = fields;
        this.entries = entries;
    }

    /** Makes a chunk of one entry, which begins a node. */
    static StreamChunk of(StreamEntry first) {
        StreamId id = first.id();
        byte[][] fields = new byte[first.pairs().length / 2][];
        // A listpack begins with the numbers of entries that are there and deleted, that of fields, these, and a 0.
        long bytes = ListPack.EMPTY_BYTES + 3 * ListPack.entryBytes(0) + ListPack.entryBytes(fields.length);
        for (int i = 0; i < fields.length; i++) {
            fields[i] = first.pairs()[2 * i];
            bytes += ListPack.entryBytes(fields[i]);
        }
        return new StreamChunk(id, id, 0, bytes, id, 0, fields, new byte[0]).with(first);
    }

    /**
     * Reads the chunk at {@code start} of {@code bytes}, up to their end.
     *
     * @param key null if it is the id of its node
     */
    static StreamChunk decode(@Nullable StreamId key, byte[] bytes, int start) {
        WireReader in = new WireReader(start == 0 ? bytes : Arrays.copyOfRange(bytes, start, bytes.length));
        StreamId node = new StreamId(in.varint(), in.varint());
        long nodeEntries = in.varint();
        long nodeBytes = in.varint();
        StreamId nodeLast = readAfter(node, in);
        int count = in.varint("entries of a chunk", 0, Integer.MAX_VALUE);
        byte[][] fields = new byte[in.count("fields", Integer.MAX_VALUE)][];
        for (int i = 0; i < fields.length; i++) {
            in.element();
            fields[i] = in.bytes();
        }
        byte[] entries = in.raw(in.remaining());
        return new StreamChunk(
                key == null ? node : key, node, nodeEntries, nodeBytes, nodeLast, count, fields, entries);
    }

    byte[] encode() {
        WireWriter out = new WireWriter(entries.length + 64);
        out.varint(node.millis()).varint(node.sequence());
        out.varint(nodeEntries).varint(nodeBytes);
        writeAfter(node, nodeLast, out);
        out.varint(count).varint(fields.length);
        for (byte[] field : fields) {
            out.bytes(field);
        }
        return out.raw(entries).toBytes();
    }

    StreamId key() {
        return key;
    }

    /** Returns the id of the entry with which the chunk's node began. */
    StreamId node() {
        return node;
    }

    /** Returns the last id that the node has had. */
    StreamId nodeLast() {
        return nodeLast;
    }

    boolean isOfNodeOf(StreamChunk other) {
        return node.equals(other.node);
    }

    /** Returns the number of entries here. */
    int count() {
        return count;
    }

    /** Returns the bytes of the entries here. */
    int bytes() {
        return entries.length;
    }

    /** Returns whether Redis would begin another node for {@code entry} (redis t_stream.c, streamAppendItem). */
    boolean isFullFor(StreamEntry entry, Thresholds thresholds) {
        long bytesMax = thresholds.streamBytes();
        if (bytesMax == 0 || bytesMax > NODE_BYTES_MAX) {
            bytesMax = NODE_BYTES_MAX;
        }
        return nodeBytes + entry.bytes() >= bytesMax
                || thresholds.streamEntries() > 0 && nodeEntries >= thresholds.streamEntries();
    }

    /** Returns this with {@code entry} behind its entries. */
    StreamChunk with(StreamEntry entry) {
        byte[][] pairs = entry.pairs();
        boolean same = hasFieldsOf(pairs);
        WireWriter out = new WireWriter(entries.length + 64).raw(entries);
        writeAfter(key, entry.id(), out);
        out.varint(same ? SAME_FIELDS : pairs.length / 2);
        for (int i = same ? 1 : 0; i < pairs.length; i += same ? 2 : 1) {
            out.bytes(pairs[i]);
        }
        long bytes = nodeBytes + packedBytes(entry, same);
        return new StreamChunk(key, node, nodeEntries + 1, bytes, entry.id(), count + 1, fields, out.toBytes());
    }

    /** Returns a chunk of {@code entry} that goes on with the node of this one. */
    StreamChunk next(StreamEntry entry) {
        return new StreamChunk(entry.id(), node, nodeEntries, nodeBytes, nodeLast, 0, fields, new byte[0]).with(entry);
    }

    /** Returns this with what {@code later}, a later chunk of its node, says of the node. */
    StreamChunk withNodeOf(StreamChunk later) {
        return new StreamChunk(key, node, later.nodeEntries, later.nodeBytes, later.nodeLast, count, fields, entries);
    }

    /** Returns this without the entry {@code id}; itself if that is not here. */
    StreamChunk without(StreamId id) {
        for (int at = 0; at < entries.length; ) {
            int end = end(at);
            if (id(at).equals(id)) {
                return without(at, end, 1);
            }
            at = end;
        }
        return this;
    }

    /** Returns this without its first {@code number} entries, which it has. */
    StreamChunk withoutFirst(int number) {
        int end = 0;
        for (int i = 0; i < number; i++) {
            end = end(end);
        }
        return without(0, end, number);
    }

    private StreamChunk without(int from, int to, int number) {
        byte[] left = new byte[entries.length - (to - from)];
        System.arraycopy(entries, 0, left, 0, from);
        System.arraycopy(entries, to, left, from, entries.length - to);
        return new StreamChunk(key, node, nodeEntries, nodeBytes, nodeLast, count - number, fields, left);
    }

    /** Returns how many of the entries have an id before {@code bound}. */
    int countBefore(StreamId bound) {
        int before = 0;
        for (int at = 0; at < entries.length && id(at).isBefore(bound); at = end(at)) {
            before++;
        }
        return before;
    }

    /** Returns the entry {@code id}, null if it is not here. */
    @Nullable
    StreamEntry find(StreamId id) {
        for (int at = 0; at < entries.length; at = end(at)) {
            if (id(at).equals(id)) {
                return entry(at);
            }
        }
        return null;
    }

    /** Returns the entries from {@code from} to {@code to}, both included. */
    List<StreamEntry> between(StreamId from, StreamId to) {
        List<StreamEntry> found = new ArrayList<>(count);
        for (int at = 0; at < entries.length; at = end(at)) {
            StreamId id = id(at);
            if (id.isAfter(to)) {
                break;
            }
            if (!id.isBefore(from)) {
                found.add(entry(at));
            }
        }
        return found;
    }

    private StreamId id(int at) {
        long millis = Varint.read(entries, at);
        long sequence = Varint.read(entries, at + Varint.size(millis));
        return millis == 0
                ? new StreamId(key.millis(), key.sequence() + sequence)
                : new StreamId(key.millis() + millis, sequence);
    }

    /** Returns where the number of pairs stands in the entry at {@code at}. */
    private int afterId(int at) {
        int second = at + Varint.size(Varint.read(entries, at));
        return second + Varint.size(Varint.read(entries, second));
    }

    private int end(int at) {
        int next = afterId(at);
        long pairs = Varint.read(entries, next);
        next += Varint.size(pairs);
        for (long words = pairs == SAME_FIELDS ? fields.length : 2 * pairs; words > 0; words--) {
            long length = Varint.read(entries, next);
            next += Varint.size(length) + (int) length;
        }
        return next;
    }

    private StreamEntry entry(int at) {
        int next = afterId(at);
        int own = (int) Varint.read(entries, next);
        next += Varint.size(own);
        boolean same = own == SAME_FIELDS;
        byte[][] pairs = new byte[2 * (same ? fields.length : own)][];
        for (int i = 0; i < pairs.length; i++) {
            if (same && i % 2 == 0) {
                pairs[i] = fields[i / 2];
                continue;
            }
            int length = (int) Varint.read(entries, next);
            next += Varint.size(length);
            pairs[i] = Arrays.copyOfRange(entries, next, next + length);
            next += length;
        }
        return new StreamEntry(id(at), pairs);
    }

    private boolean hasFieldsOf(byte[][] pairs) {
        if (pairs.length != 2 * fields.length) {
            return false;
        }
        for (int i = 0; i < fields.length; i++) {
            if (!Arrays.equals(fields[i], pairs[2 * i])) {
                return false;
            }
        }
        return true;
    }

    /** Returns the bytes that {@code entry} takes in the listpack of its node. */
    private long packedBytes(StreamEntry entry, boolean same) {
        byte[][] pairs = entry.pairs();
        int words = pairs.length / 2 + 3 + (same ? 0 : pairs.length / 2 + 1);
        long bytes = ListPack.entryBytes(same ? 2 : 0)
                + ListPack.entryBytes(entry.id().millis() - node.millis())
                + ListPack.entryBytes(entry.id().sequence() - node.sequence())
                + (same ? 0 : ListPack.entryBytes(pairs.length / 2))
                + ListPack.entryBytes(words);
        for (int i = same ? 1 : 0; i < pairs.length; i += same ? 2 : 1) {
            bytes += ListPack.entryBytes(pairs[i]);
        }
        return bytes;
    }

    private static void writeAfter(StreamId base, StreamId id, WireWriter out) {
        long millis = id.millis() - base.millis();
        out.varint(millis).varint(millis == 0 ? id.sequence() - base.sequence() : id.sequence());
    }

    private static StreamId readAfter(StreamId base, WireReader in) {
        long millis = in.varint();
        long sequence = in.varint();
        return millis == 0
                ? new StreamId(base.millis(), base.sequence() + sequence)
                : new StreamId(base.millis() + millis, sequence);
    }
}
