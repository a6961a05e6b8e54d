package io.kvasir.gateway.rdb;

import io.kvasir.gateway.command.NumberText;
import java.io.IOException;
import java.util.List;

/**
 * Writes values in the forms that Redis 7.0 and later read: neither listpacks of sets nor active times of consumers,
 * which 7.2 brought. Stateless.
 */
public final class ValueWriter {

    /** Packed elements beyond this size are written one by one, whatever was asked. */
    private static final long PACKED_BYTES_MAX = 1 << 20;

    /** Bytes of a list's node, from which the next begins; as Redis' list-max-listpack-size of -2. */
    private static final int NODE_BYTES = 8 << 10;

    private static final int NODE_PACKED = 2;

    private ValueWriter() {}

    /**
     * Returns the form in which {@link #write} writes {@code value}.
     *
     * @param packed whether one compact block is wanted for a collection; what is too large for it is not packed
     */
    public static RdbType typeOf(RdbValue value, boolean packed) {
        return switch (value) {
            case RdbValue.Text text -> RdbType.STRING;
            case RdbValue.Sequence sequence -> RdbType.LIST_QUICKLIST_2;
            case RdbValue.Members members ->
                packed && members.members().stream().allMatch(NumberText::isLong) ? RdbType.SET_INTSET : RdbType.SET;
            case RdbValue.Fields fields ->
                packed && bytes(fields.fields()) + bytes(fields.values()) <= PACKED_BYTES_MAX
                        ? RdbType.HASH_LISTPACK
                        : RdbType.HASH;
            case RdbValue.Scores scores ->
                packed && bytes(scores.members()) <= PACKED_BYTES_MAX ? RdbType.ZSET_LISTPACK : RdbType.ZSET_2;
            case RdbStream stream -> RdbType.STREAM_LISTPACKS_2;
        };
    }

    /**
     * Writes {@code value} in the form {@code type}, which {@link #typeOf} gave for it; the form's byte is not written.
     */
    public static void write(RdbOutput out, RdbType type, RdbValue value) throws IOException {
        switch (value) {
            case RdbValue.Text text -> out.writeString(text.bytes());
            case RdbValue.Sequence sequence -> writeList(out, sequence.elements());
            case RdbValue.Members members -> writeSet(out, type, members.members());
            case RdbValue.Fields fields -> writeHash(out, type, fields);
            case RdbValue.Scores scores -> writeZset(out, type, scores);
            case RdbStream stream -> StreamWriter.write(out, stream);
        }
    }

    private static void writeList(RdbOutput out, List<byte[]> elements) throws IOException {
        out.writeLength(nodes(elements));
        Listpack.Writer node = new Listpack.Writer();
        int bytes = 0;
        for (byte[] element : elements) {
            if (node.count() > 0 && bytes + element.length > NODE_BYTES) {
                writeNode(out, node);
                bytes = 0;
            }
            node.add(element);
            bytes += element.length;
        }
        if (node.count() > 0) {
            writeNode(out, node);
        }
    }

    private static void writeNode(RdbOutput out, Listpack.Writer node) throws IOException {
        out.writeLength(NODE_PACKED);
        out.writeString(node.finish());
    }

    private static long nodes(List<byte[]> elements) {
        long nodes = 0;
        int count = 0;
        int bytes = 0;
        for (byte[] element : elements) {
            if (count == 0 || bytes + element.length > NODE_BYTES) {
                nodes++;
                count = 0;
                bytes = 0;
            }
            count++;
            bytes += element.length;
        }
        return nodes;
    }

    private static void writeSet(RdbOutput out, RdbType type, List<byte[]> members) throws IOException {
        if (type == RdbType.SET_INTSET) {
            long[] sorted =
                    members.stream().mapToLong(NumberText::toLong).sorted().toArray();
            out.writeString(Intset.write(sorted));
            return;
        }
        out.writeLength(members.size());
        for (byte[] member : members) {
            out.writeString(member);
        }
    }

    private static void writeHash(RdbOutput out, RdbType type, RdbValue.Fields hash) throws IOException {
        int count = hash.fields().size();
        if (type == RdbType.HASH_LISTPACK) {
            Listpack.Writer pack = new Listpack.Writer();
            for (int i = 0; i < count; i++) {
                pack.add(hash.fields().get(i));
                pack.add(hash.values().get(i));
            }
            out.writeString(pack.finish());
            return;
        }
        out.writeLength(count);
        for (int i = 0; i < count; i++) {
            out.writeString(hash.fields().get(i));
            out.writeString(hash.values().get(i));
        }
    }

    private static void writeZset(RdbOutput out, RdbType type, RdbValue.Scores zset) throws IOException {
        int count = zset.members().size();
        if (type == RdbType.ZSET_LISTPACK) {
            Listpack.Writer pack = new Listpack.Writer();
            for (int i = 0; i < count; i++) {
                pack.add(zset.members().get(i));
                pack.add(ValueReader.scoreText(zset.scores().get(i)));
            }
            out.writeString(pack.finish());
            return;
        }
        out.writeLength(count);
        // As Redis, from the highest score down: whoever loads it puts each at the front.
        for (int i = count - 1; i >= 0; i--) {
            out.writeString(zset.members().get(i));
            out.writeNumber(Double.doubleToLongBits(zset.scores().get(i)), Long.BYTES);
        }
    }

    private static long bytes(List<byte[]> elements) {
        long bytes = 0;
        for (byte[] element : elements) {
            bytes += element.length;
        }
        return bytes;
    }
}
