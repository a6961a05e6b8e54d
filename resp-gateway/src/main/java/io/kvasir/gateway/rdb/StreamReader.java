package io.kvasir.gateway.rdb;

import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.type.StreamEntry;
import io.kvasir.gateway.type.StreamId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads a stream (redis rdb.c, rdbLoadObject; t_stream.c for the listpack of a node), and checks all of it: ids rise,
 * numbers are those of what is there, each pending entry has one consumer. Confined to one thread.
 */
final class StreamReader {

    private static final int FLAG_DELETED = 1;
    private static final int FLAG_SAME_FIELDS = 2;

    /** Words of an entry that always are there: flags and the two parts of its id. */
    private static final int ENTRY_HEAD = 3;

    private final RdbInput in;
    private final RdbType type;
    private StreamId top = StreamId.ZERO;

    private StreamReader(RdbInput in, RdbType type) {
        this.in = in;
        this.type = type;
    }

    /**
     * Reads a stream of form {@code type}.
     *
     * @throws CorruptRdbException if the bytes are none
     */
    static RdbStream read(RdbInput in, RdbType type) throws IOException {
        return new StreamReader(in, type).read();
    }

    private RdbStream read() throws IOException {
        List<List<StreamEntry>> nodes = new ArrayList<>();
        for (long left = in.readCount(2); left > 0; left--) {
            byte[] key = in.readString();
            if (key.length != StreamId.BYTES) {
                throw in.corrupt("the id of a stream's node is no id");
            }
            List<StreamEntry> node = node(StreamId.read(key, 0), Listpack.read(in.readString(), in));
            if (!node.isEmpty()) {
                nodes.add(node);
            }
        }
        long length = in.readUnsigned();
        StreamId lastId = id();
        StreamId maxDeletedId = StreamId.ZERO;
        long added = length;
        if (type != RdbType.STREAM_LISTPACKS) {
            id(); // the first entry's, which is there to be seen
            maxDeletedId = id();
            added = in.readUnsigned();
        }
        List<RdbStream.Group> groups = new ArrayList<>();
        Set<ByteBuffer> names = new HashSet<>();
        for (long left = in.readCount(1); left > 0; left--) {
            RdbStream.Group group = group();
            if (!names.add(ByteBuffer.wrap(group.name()))) {
                throw in.corrupt("a group that is there twice");
            }
            groups.add(group);
        }
        RdbStream stream = new RdbStream(nodes, lastId, maxDeletedId, added, groups);
        if (stream.length() != length || top.isAfter(lastId) || added < 0) {
            throw in.corrupt("a stream with wrong numbers");
        }
        return stream;
    }

    private StreamId id() throws IOException {
        return new StreamId(in.readUnsigned(), in.readUnsigned());
    }

    /** The words of a listpack, one after the other. */
    private final class Words {

        private final List<byte[]> words;
        private int at;

        Words(List<byte[]> words) {
            this.words = words;
        }

        int left() {
            return words.size() - at;
        }

        byte[] next() throws CorruptRdbException {
            if (at == words.size()) {
                throw in.corrupt("a stream's node ends within an entry");
            }
            return words.get(at++);
        }

        long number() throws CorruptRdbException {
            byte[] word = next();
            if (!NumberText.isLong(word)) {
                throw in.corrupt("a stream's node with text where a number should be");
            }
            return NumberText.toLong(word);
        }

        int count() throws CorruptRdbException {
            long count = number();
            if (count < 1 || count > left()) {
                throw in.corrupt("a stream's node with an impossible number of fields");
            }
            return (int) count;
        }
    }

    private List<StreamEntry> node(StreamId key, List<byte[]> pack) throws IOException {
        Words words = new Words(pack);
        long live = words.number();
        long deleted = words.number();
        byte[][] fields = new byte[words.count()][];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = words.next();
        }
        if (words.number() != 0) {
            throw in.corrupt("a stream's node without an end of its fields");
        }
        List<StreamEntry> entries = new ArrayList<>();
        long gone = 0;
        while (words.left() > 0) {
            long flags = words.number();
            StreamEntry entry = entry(key, flags, fields, words);
            if ((flags & FLAG_DELETED) != 0) {
                gone++;
                continue;
            }
            if (!entry.id().isAfter(top)) {
                throw in.corrupt("ids of a stream that do not rise");
            }
            top = entry.id();
            entries.add(entry);
        }
        if (entries.size() != live || gone != deleted) {
            throw in.corrupt("a stream's node with a wrong number of entries");
        }
        return entries;
    }

    private StreamEntry entry(StreamId key, long flags, byte[][] fields, Words words) throws IOException {
        if ((flags & ~(FLAG_DELETED | FLAG_SAME_FIELDS)) != 0) {
            throw in.corrupt("a stream's entry with unknown flags");
        }
        boolean same = (flags & FLAG_SAME_FIELDS) != 0;
        StreamId id = new StreamId(key.millis() + words.number(), key.sequence() + words.number());
        int count = same ? fields.length : words.count();
        byte[][] pairs = new byte[2 * count][];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = same && i % 2 == 0 ? fields[i / 2] : words.next();
        }
        if (words.number() != ENTRY_HEAD + (same ? count : 2L * count + 1)) {
            throw in.corrupt("a stream's entry with a wrong number of words");
        }
        return new StreamEntry(id, pairs);
    }

    private RdbStream.Group group() throws IOException {
        byte[] name = in.readString();
        StreamId lastId = id();
        long entriesRead =
                type == RdbType.STREAM_LISTPACKS ? RdbStream.Group.TO_BE_FOUND : Math.max(-1, in.readUnsigned());
        TreeMap<StreamId, RdbStream.Pending> pending = new TreeMap<>();
        for (long left = in.readCount(StreamId.BYTES); left > 0; left--) {
            StreamId id = StreamId.read(in.readBytes(StreamId.BYTES), 0);
            RdbStream.Pending entry =
                    new RdbStream.Pending(id, -1, Math.max(0, in.readNumber(Long.BYTES)), in.readUnsigned());
            if (pending.put(id, entry) != null) {
                throw in.corrupt("an entry that is pending twice");
            }
        }
        List<RdbStream.Consumer> consumers = consumers(pending);
        for (RdbStream.Pending entry : pending.values()) {
            if (entry.consumer() < 0) {
                throw in.corrupt("an entry that is pending for nobody");
            }
        }
        return new RdbStream.Group(name, lastId, entriesRead, List.copyOf(pending.values()), consumers);
    }

    private List<RdbStream.Consumer> consumers(Map<StreamId, RdbStream.Pending> pending) throws IOException {
        List<RdbStream.Consumer> consumers = new ArrayList<>();
        Set<ByteBuffer> names = new HashSet<>();
        for (long left = in.readCount(1); left > 0; left--) {
            byte[] name = in.readString();
            long seenMillis = Math.max(0, in.readNumber(Long.BYTES));
            long activeMillis =
                    type == RdbType.STREAM_LISTPACKS_3 ? Math.max(-1, in.readNumber(Long.BYTES)) : seenMillis;
            if (!names.add(ByteBuffer.wrap(name))) {
                throw in.corrupt("a consumer that is there twice");
            }
            for (long owned = in.readCount(StreamId.BYTES); owned > 0; owned--) {
                StreamId id = StreamId.read(in.readBytes(StreamId.BYTES), 0);
                RdbStream.Pending entry = pending.get(id);
                if (entry == null || entry.consumer() >= 0) {
                    throw in.corrupt("an entry that is pending for a consumer and not for its group");
                }
                pending.put(
                        id, new RdbStream.Pending(id, consumers.size(), entry.deliveredMillis(), entry.deliveries()));
            }
            consumers.add(new RdbStream.Consumer(name, seenMillis, activeMillis));
        }
        return consumers;
    }
}
