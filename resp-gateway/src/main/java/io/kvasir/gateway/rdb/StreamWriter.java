package io.kvasir.gateway.rdb;

import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.type.StreamEntry;
import io.kvasir.gateway.type.StreamId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes a stream in the form of Redis 7.0 ({@link RdbType#STREAM_LISTPACKS_2}). Stateless. */
final class StreamWriter {

    private static final byte[] ZERO = {'0'};
    private static final byte[] FLAG_SAME_FIELDS = {'2'};

    private StreamWriter() {}

    static void write(RdbOutput out, RdbStream stream) throws IOException {
        out.writeLength(stream.nodes().size());
        for (List<StreamEntry> node : stream.nodes()) {
            StreamId key = node.getFirst().id();
            // As a string of 16 bytes, whatever they are.
            out.writeLength(StreamId.BYTES);
            writeRaw(out, key);
            out.writeString(pack(key, node));
        }
        out.writeLength(stream.length());
        writeId(out, stream.lastId());
        writeId(
                out,
                stream.nodes().isEmpty()
                        ? StreamId.ZERO
                        : stream.nodes().getFirst().getFirst().id());
        writeId(out, stream.maxDeletedId());
        out.writeUnsigned(stream.added());
        out.writeLength(stream.groups().size());
        for (RdbStream.Group group : stream.groups()) {
            write(out, group);
        }
    }

    private static byte[] pack(StreamId key, List<StreamEntry> node) {
        byte[][] first = node.getFirst().pairs();
        Listpack.Writer pack = new Listpack.Writer();
        pack.add(NumberText.bytes(node.size()));
        pack.add(ZERO);
        pack.add(NumberText.bytes(first.length / 2));
        for (int i = 0; i < first.length; i += 2) {
            pack.add(first[i]);
        }
        pack.add(ZERO);
        for (StreamEntry entry : node) {
            add(pack, key, first, entry);
        }
        return pack.finish();
    }

    private static void add(Listpack.Writer pack, StreamId key, byte[][] first, StreamEntry entry) {
        byte[][] pairs = entry.pairs();
        boolean same = hasFieldsOf(first, pairs);
        pack.add(same ? FLAG_SAME_FIELDS : ZERO);
        pack.add(NumberText.bytes(entry.id().millis() - key.millis()));
        pack.add(NumberText.bytes(entry.id().sequence() - key.sequence()));
        int words = 3 + pairs.length / 2;
        if (!same) {
            pack.add(NumberText.bytes(pairs.length / 2));
            words += 1 + pairs.length / 2;
        }
        for (int i = same ? 1 : 0; i < pairs.length; i += same ? 2 : 1) {
            pack.add(pairs[i]);
        }
        pack.add(NumberText.bytes(words));
    }

    private static boolean hasFieldsOf(byte[][] first, byte[][] pairs) {
        boolean same = first.length == pairs.length;
        for (int i = 0; same && i < pairs.length; i += 2) {
            same = Arrays.equals(first[i], pairs[i]);
        }
        return same;
    }

    private static void write(RdbOutput out, RdbStream.Group group) throws IOException {
        out.writeString(group.name());
        writeId(out, group.lastId());
        out.writeUnsigned(group.entriesRead());
        out.writeLength(group.pending().size());
        List<List<StreamId>> owned = new ArrayList<>();
        group.consumers().forEach(_ -> owned.add(new ArrayList<>()));
        for (RdbStream.Pending pending : group.pending()) {
            writeRaw(out, pending.id());
            out.writeNumber(pending.deliveredMillis(), Long.BYTES);
            out.writeUnsigned(pending.deliveries());
            owned.get(pending.consumer()).add(pending.id());
        }
        out.writeLength(group.consumers().size());
        for (int i = 0; i < owned.size(); i++) {
            RdbStream.Consumer consumer = group.consumers().get(i);
            out.writeString(consumer.name());
            out.writeNumber(consumer.seenMillis(), Long.BYTES);
            out.writeLength(owned.get(i).size());
            for (StreamId id : owned.get(i)) {
                writeRaw(out, id);
            }
        }
    }

    private static void writeId(RdbOutput out, StreamId id) throws IOException {
        out.writeUnsigned(id.millis());
        out.writeUnsigned(id.sequence());
    }

    private static void writeRaw(RdbOutput out, StreamId id) throws IOException {
        byte[] bytes = new byte[StreamId.BYTES];
        id.write(bytes, 0);
        out.writeBytes(bytes, 0, bytes.length);
    }
}
