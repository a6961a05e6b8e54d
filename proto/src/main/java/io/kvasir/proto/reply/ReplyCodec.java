package io.kvasir.proto.reply;

import io.kvasir.proto.reply.Reply.Array;
import io.kvasir.proto.reply.Reply.BigNumber;
import io.kvasir.proto.reply.Reply.Bool;
import io.kvasir.proto.reply.Reply.Bulk;
import io.kvasir.proto.reply.Reply.Error;
import io.kvasir.proto.reply.Reply.Int;
import io.kvasir.proto.reply.Reply.MapOf;
import io.kvasir.proto.reply.Reply.Null;
import io.kvasir.proto.reply.Reply.Published;
import io.kvasir.proto.reply.Reply.Push;
import io.kvasir.proto.reply.Reply.Real;
import io.kvasir.proto.reply.Reply.SetOf;
import io.kvasir.proto.reply.Reply.Status;
import io.kvasir.proto.reply.Reply.Verbatim;
import io.kvasir.proto.wire.MalformedBytes;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The bytes of a {@link Reply} between processes and in raft entries: a format version, then tag and content of the
 * reply, nested. Specified with test vectors in {@code docs/keyspace.md}. Stateless and safe for any thread.
 */
public final class ReplyCodec {

    /** Newest format version; all from 1 are read. */
    public static final int VERSION = 1;

    /** Aggregates within aggregates, the outermost counted; what is deeper is encoded as {@link #TOO_DEEP}. */
    public static final int DEPTH_MAX = 256;

    /** What stands for an aggregate nested deeper than {@link #DEPTH_MAX}. */
    public static final Reply TOO_DEEP = Reply.error("ERR reply nested deeper than " + DEPTH_MAX + " levels");

    private static final int STATUS = 1;
    private static final int ERROR = 2;
    private static final int INT = 3;
    private static final int BULK = 4;
    private static final int NULL = 5;
    private static final int NULL_ARRAY = 6;
    private static final int ARRAY = 7;
    private static final int MAP = 8;
    private static final int SET = 9;
    private static final int REAL = 10;
    private static final int FALSE = 11;
    private static final int TRUE = 12;
    private static final int BIG_NUMBER = 13;
    private static final int VERBATIM = 14;
    private static final int PUSH = 15;
    private static final int PUBLISHED = 16;

    private ReplyCodec() {}

    /** Returns the bytes of {@code reply}. */
    public static byte[] encode(Reply reply) {
        WireWriter out = new WireWriter();
        write(out, reply);
        return out.toBytes();
    }

    /**
     * Returns the reply that {@code bytes} are.
     *
     * @throws MalformedBytes if they are none
     */
    public static Reply decode(byte[] bytes) {
        WireReader in = new WireReader(bytes);
        Reply reply = read(in);
        in.end();
        return reply;
    }

    /** Appends {@code reply}, its format version first. */
    public static void write(WireWriter out, Reply reply) {
        write(out.u8(VERSION), reply, 1);
    }

    /**
     * Reads a reply written by {@link #write}.
     *
     * @throws MalformedBytes if there is none
     */
    public static Reply read(WireReader in) {
        in.version("a reply", VERSION);
        return read(in, 1);
    }

    private static void write(WireWriter out, Reply reply, int depth) {
        switch (reply) {
            case Status(String text) -> out.u8(STATUS).text(text);
            case Error(String text) -> out.u8(ERROR).text(text);
            case Int(long value) -> out.u8(INT).zigzag(value);
            case Bulk(byte[] bytes) -> out.u8(BULK).bytes(bytes);
            case Null(boolean array) -> out.u8(array ? NULL_ARRAY : NULL);
            case Array(List<Reply> elements) -> write(out, ARRAY, elements, depth);
            case MapOf(List<Reply> keysAndValues) -> write(out, MAP, keysAndValues, depth);
            case SetOf(List<Reply> elements) -> write(out, SET, elements, depth);
            case Real(double value) -> out.u8(REAL).i64(Double.doubleToRawLongBits(value));
            case Bool(boolean value) -> out.u8(value ? TRUE : FALSE);
            case BigNumber(String digits) -> out.u8(BIG_NUMBER).text(digits);
            case Verbatim(String format, byte[] text) ->
                out.u8(VERBATIM).text(format).bytes(text);
            case Push(List<Reply> elements) -> write(out, PUSH, elements, depth);
            case Published(Reply own, List<Reply> messages) -> {
                List<Reply> all = new ArrayList<>(List.of(own));
                all.addAll(messages);
                write(out, PUBLISHED, all, depth);
            }
        }
    }

    private static void write(WireWriter out, int tag, List<Reply> elements, int depth) {
        if (depth > DEPTH_MAX) {
            write(out, TOO_DEEP, depth);
            return;
        }
        out.u8(tag).varint(elements.size());
        for (Reply element : elements) {
            write(out, element, depth + 1);
        }
    }

    private static Reply read(WireReader in, int depth) {
        int start = in.offset();
        int tag = in.u8();
        return switch (tag) {
            case STATUS -> status(in.text());
            case ERROR -> new Error(in.text());
            case INT -> Reply.of(in.zigzag());
            case BULK -> new Bulk(in.bytes());
            case NULL -> Reply.NULL;
            case NULL_ARRAY -> Reply.NULL_ARRAY;
            case ARRAY -> array(elements(in, depth));
            case MAP -> map(in, depth);
            case SET -> new SetOf(elements(in, depth));
            case REAL -> new Real(Double.longBitsToDouble(in.i64()));
            case FALSE -> new Bool(false);
            case TRUE -> new Bool(true);
            case BIG_NUMBER -> new BigNumber(in.text());
            case VERBATIM -> new Verbatim(in.text(), in.bytes());
            case PUSH -> new Push(elements(in, depth));
            case PUBLISHED -> published(elements(in, depth), start);
            default -> throw new MalformedBytes("no reply has tag " + tag, start);
        };
    }

    private static Reply published(List<Reply> elements, int start) {
        if (elements.isEmpty()) {
            throw new MalformedBytes("messages without a reply", start);
        }
        return new Published(elements.getFirst(), elements.subList(1, elements.size()));
    }

    private static Reply status(String text) {
        return text.equals("OK") ? Reply.OK : new Status(text);
    }

    private static Reply array(List<Reply> elements) {
        return elements.isEmpty() ? Reply.EMPTY_ARRAY : new Array(elements);
    }

    private static Reply map(WireReader in, int depth) {
        int start = in.offset();
        List<Reply> keysAndValues = elements(in, depth);
        if (keysAndValues.size() % 2 != 0) {
            throw new MalformedBytes("a map has a key without a value", start);
        }
        return new MapOf(keysAndValues);
    }

    private static List<Reply> elements(WireReader in, int depth) {
        if (depth > DEPTH_MAX) {
            throw new MalformedBytes("a reply is nested deeper than " + DEPTH_MAX + " levels", in.offset());
        }
        Reply[] elements = new Reply[in.count("an element count", Integer.MAX_VALUE)];
        for (int i = 0; i < elements.length; i++) {
            in.element();
            elements[i] = read(in, depth + 1);
        }
        return Arrays.asList(elements);
    }
}
