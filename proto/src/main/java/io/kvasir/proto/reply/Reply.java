package io.kvasir.proto.reply;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a command answers, as a value. RESP2 and RESP3 differ in the gateway's encoder alone; {@link ReplyCodec} carries
 * replies between processes. Immutable by convention: arrays handed in are not copied and must not be changed.
 */
public sealed interface Reply {

    /** The status <code>+OK</code>. */
    Reply OK = new Status("OK");

    /** RESP2 <code>$-1</code>, RESP3 <code>_</code>. */
    Reply NULL = new Null(false);

    /** RESP2 <code>*-1</code>, RESP3 <code>_</code>. */
    Reply NULL_ARRAY = new Null(true);

    Reply ZERO = new Int(0);
    Reply ONE = new Int(1);
    Reply EMPTY_ARRAY = new Array(List.of());

    /** A one-line status, without CR or LF. */
    record Status(String text) implements Reply {}

    /** An error; {@code text} starts with its prefix ("ERR …", "WRONGTYPE …") and holds no CR or LF. */
    record Error(String text) implements Reply {}

    record Int(long value) implements Reply {}

    /** A binary-safe string. */
    record Bulk(byte[] bytes) implements Reply {}

    /** No value; {@code array} says which of its two forms RESP2 shows. */
    record Null(boolean array) implements Reply {}

    record Array(List<Reply> elements) implements Reply {}

    /** Keys and values in turn; an even number of elements. In RESP2 a flat array. */
    record MapOf(List<Reply> keysAndValues) implements Reply {

        public MapOf {
            if (keysAndValues.size() % 2 != 0) {
                throw new IllegalArgumentException("a map needs as many values as keys");
            }
        }
    }

    /** In RESP2 an array. */
    record SetOf(List<Reply> elements) implements Reply {}

    /** In RESP2 a bulk string. */
    record Real(double value) implements Reply {}

    /** In RESP2 the integer 1 or 0. */
    record Bool(boolean value) implements Reply {}

    /** An integer of any size in decimal. In RESP2 a bulk string. */
    record BigNumber(String digits) implements Reply {}

    /** Text with a format of three letters, such as "txt". In RESP2 a bulk string. */
    record Verbatim(String format, byte[] text) implements Reply {}

    /** An out-of-band message of RESP3; in RESP2 an array. */
    record Push(List<Reply> elements) implements Reply {}

    /**
     * What a command answers that has also published messages: {@code reply} is for its client, and the gateway sends
     * the messages once it has it. No client sees one of these.
     *
     * @param messages each of them as the gateway wants it
     */
    record Published(Reply reply, List<Reply> messages) implements Reply {}

    static Reply of(long value) {
        return value == 0 ? ZERO : value == 1 ? ONE : new Int(value);
    }

    static Reply bulk(byte[] bytes) {
        return new Bulk(bytes);
    }

    /** Returns {@code text} in UTF-8 as a bulk string. */
    static Reply bulk(String text) {
        return new Bulk(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns an error whose text is {@code text}, prefix included. */
    static Reply error(String text) {
        return new Error(text);
    }

    static Reply array(List<Reply> elements) {
        return new Array(elements);
    }
}
