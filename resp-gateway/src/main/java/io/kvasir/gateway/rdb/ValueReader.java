package io.kvasir.gateway.rdb;

import io.kvasir.gateway.command.NumberText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Reads one value of any form (redis rdb.c, rdbLoadObject). Members, fields and their order are handed on as they
 * stand: that a member is not there twice is for the sink to see. Stateless.
 */
public final class ValueReader {

    private static final int NODE_PLAIN = 1;
    private static final int NODE_PACKED = 2;
    private static final int TEXT_NAN = 253;
    private static final int TEXT_INFINITE = 254;
    private static final int TEXT_MINUS_INFINITE = 255;

    private ValueReader() {}

    /**
     * Reads a value of {@code type} from {@code in} and hands its parts to {@code sink}.
     *
     * @param type not of a module
     * @return the number of elements, 1 for a string and a stream; 0 of a collection that has none
     * @throws CorruptRdbException if the bytes are no such value; the sink has taken parts of it then
     * @throws IOException if the sink or what is below {@code in} fails
     */
    public static long read(RdbInput in, RdbType type, ValueSink sink) throws IOException {
        return switch (type) {
            case STRING -> {
                sink.string(in.readString());
                yield 1;
            }
            case LIST -> {
                long count = in.readCount(1);
                for (long i = 0; i < count; i++) {
                    sink.listElement(in.readString());
                }
                yield count;
            }
            case LIST_ZIPLIST -> list(Ziplist.read(in.readString(), in), sink);
            case LIST_QUICKLIST -> quicklist(in, sink);
            case LIST_QUICKLIST_2 -> quicklist2(in, sink);
            case SET -> {
                long count = in.readCount(1);
                for (long i = 0; i < count; i++) {
                    sink.setMember(in.readString());
                }
                yield count;
            }
            case SET_INTSET -> set(List.of(Intset.read(in.readString(), in)), sink);
            case SET_LISTPACK -> set(Listpack.read(in.readString(), in), sink);
            case HASH -> {
                long count = in.readCount(2);
                for (long i = 0; i < count; i++) {
                    sink.hashField(in.readString(), in.readString());
                }
                yield count;
            }
            case HASH_ZIPMAP -> hash(Zipmap.read(in.readString(), in), in, sink);
            case HASH_ZIPLIST -> hash(Ziplist.read(in.readString(), in), in, sink);
            case HASH_LISTPACK -> hash(Listpack.read(in.readString(), in), in, sink);
            case ZSET, ZSET_2 -> {
                long count = in.readCount(2);
                for (long i = 0; i < count; i++) {
                    byte[] member = in.readString();
                    double score = type == RdbType.ZSET ? textScore(in) : in.readDouble();
                    sink.zsetMember(member, number(score, in));
                }
                yield count;
            }
            case ZSET_ZIPLIST -> zset(Ziplist.read(in.readString(), in), in, sink);
            case ZSET_LISTPACK -> zset(Listpack.read(in.readString(), in), in, sink);
            case STREAM_LISTPACKS, STREAM_LISTPACKS_2, STREAM_LISTPACKS_3 -> {
                sink.stream(StreamReader.read(in, type));
                yield 1;
            }
            case MODULE_2 -> throw new IllegalArgumentException("not a value that is read: " + type);
        };
    }

    private static long quicklist(RdbInput in, ValueSink sink) throws IOException {
        long nodes = in.readCount(1);
        long count = 0;
        for (long i = 0; i < nodes; i++) {
            count += list(Ziplist.read(in.readString(), in), sink);
        }
        return count;
    }

    private static long quicklist2(RdbInput in, ValueSink sink) throws IOException {
        long nodes = in.readCount(2);
        long count = 0;
        for (long i = 0; i < nodes; i++) {
            long container = in.readLength();
            if (container == NODE_PLAIN) {
                sink.listElement(in.readString());
                count++;
            } else if (container == NODE_PACKED) {
                count += list(Listpack.read(in.readString(), in), sink);
            } else {
                throw in.corrupt("an unknown kind of list node");
            }
        }
        return count;
    }

    private static long list(List<byte[]> elements, ValueSink sink) throws IOException {
        for (byte[] element : elements) {
            sink.listElement(element);
        }
        return elements.size();
    }

    private static long set(List<byte[]> members, ValueSink sink) throws IOException {
        for (byte[] member : members) {
            sink.setMember(member);
        }
        return members.size();
    }

    private static long hash(List<byte[]> elements, RdbInput in, ValueSink sink) throws IOException {
        requirePairs(elements, in);
        for (int i = 0; i < elements.size(); i += 2) {
            sink.hashField(elements.get(i), elements.get(i + 1));
        }
        return elements.size() / 2;
    }

    private static long zset(List<byte[]> elements, RdbInput in, ValueSink sink) throws IOException {
        requirePairs(elements, in);
        for (int i = 0; i < elements.size(); i += 2) {
            sink.zsetMember(elements.get(i), number(NumberText.strtod(elements.get(i + 1)), in));
        }
        return elements.size() / 2;
    }

    private static void requirePairs(List<byte[]> elements, RdbInput in) throws CorruptRdbException {
        if (elements.size() % 2 != 0) {
            throw in.corrupt("an odd number of elements where pairs should be");
        }
    }

    private static double textScore(RdbInput in) throws IOException {
        int length = in.readByte();
        return switch (length) {
            case TEXT_NAN -> Double.NaN;
            case TEXT_INFINITE -> Double.POSITIVE_INFINITY;
            case TEXT_MINUS_INFINITE -> Double.NEGATIVE_INFINITY;
            default -> NumberText.strtod(in.readBytes(length));
        };
    }

    private static double number(double score, RdbInput in) throws CorruptRdbException {
        if (Double.isNaN(score)) {
            throw in.corrupt("a score that is no number");
        }
        return score;
    }

    /** Returns {@code score} as text that reads as the same number. */
    static byte[] scoreText(double score) {
        String text;
        if (Double.isInfinite(score)) {
            text = score > 0 ? "inf" : "-inf";
        } else if (score == (long) score && Math.abs(score) < 0x1p53) {
            text = Long.toString((long) score);
        } else {
            text = Double.toString(score);
        }
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
