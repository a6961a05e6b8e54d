package io.kvasir.gateway.resp;

import io.kvasir.proto.reply.Reply;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes replies in RESP2 or RESP3. The two protocols differ here and nowhere else.
 *
 * <p>Texts of errors and states stand for bytes: a char up to U+00FF is one byte, so that an error may quote what a
 * client sent, whatever it is. A text with other chars is written in UTF-8. Stateless and safe for any thread.
 */
public final class ReplyEncoder {

    private static final int CACHED_NUMBERS = 1024;
    private static final byte[][] INTEGERS = headers(':');
    private static final byte[][] BULKS = headers('$');
    private static final byte[][] ARRAYS = headers('*');
    private static final byte[] OK = ascii("+OK\r\n");
    private static final byte[] NULL_3 = ascii("_\r\n");
    private static final byte[] NULL_BULK_2 = ascii("$-1\r\n");
    private static final byte[] NULL_ARRAY_2 = ascii("*-1\r\n");
    private static final byte[] TRUE_3 = ascii("#t\r\n");
    private static final byte[] FALSE_3 = ascii("#f\r\n");
    private static final int NUMBER_BYTES_MAX = 20;
    private static final int CRLF = '\r' << 8 | '\n';

    private ReplyEncoder() {}

    /**
     * Writes {@code reply} to the end of {@code out}.
     *
     * @param resp3 whether the client speaks RESP3
     */
    public static void encode(Reply reply, boolean resp3, ByteBuf out) {
        switch (reply) {
            case Reply.Status status -> status(status, out);
            case Reply.Bulk bulk -> bulk(bulk.bytes(), out);
            case Reply.Int integer -> number((byte) ':', INTEGERS, integer.value(), out);
            case Reply.Null nothing -> out.writeBytes(resp3 ? NULL_3 : nothing.array() ? NULL_ARRAY_2 : NULL_BULK_2);
            case Reply.Error error -> line((byte) '-', error.text(), out);
            case Reply.Array array -> aggregate('*', array.elements().size(), array.elements(), resp3, out);
            case Reply.MapOf map -> {
                int size = map.keysAndValues().size();
                aggregate(resp3 ? '%' : '*', resp3 ? size / 2 : size, map.keysAndValues(), resp3, out);
            }
            case Reply.SetOf set -> aggregate(resp3 ? '~' : '*', set.elements().size(), set.elements(), resp3, out);
            case Reply.Push push -> aggregate(resp3 ? '>' : '*', push.elements().size(), push.elements(), resp3, out);
            case Reply.Real real -> text(',', RealText.of(real.value()), resp3, out);
            case Reply.BigNumber big -> text('(', big.digits(), resp3, out);
            case Reply.Bool bool -> {
                if (resp3) {
                    out.writeBytes(bool.value() ? TRUE_3 : FALSE_3);
                } else {
                    out.writeBytes(INTEGERS[bool.value() ? 1 : 0]);
                }
            }
            case Reply.Verbatim verbatim -> verbatim(verbatim, resp3, out);
            case Reply.Published published -> encode(published.reply(), resp3, out);
        }
    }

    /** Writes the header of a bulk string of {@code length} bytes; the bytes and {@link #lineEnd} follow. */
    public static void bulkHeader(int length, ByteBuf out) {
        number((byte) '$', BULKS, length, out);
    }

    /** Writes CR and LF. */
    public static void lineEnd(ByteBuf out) {
        out.writeShort(CRLF);
    }

    /** Returns about how many bytes {@code reply} takes when encoded; never less than the bytes of its bulk strings. */
    public static long size(Reply reply) {
        return switch (reply) {
            case Reply.Bulk bulk -> bulk.bytes().length + 16L;
            case Reply.Status status -> status.text().length() + 3L;
            case Reply.Error error -> error.text().length() + 3L;
            case Reply.Array array -> size(array.elements());
            case Reply.MapOf map -> size(map.keysAndValues());
            case Reply.SetOf set -> size(set.elements());
            case Reply.Push push -> size(push.elements());
            case Reply.Verbatim verbatim -> verbatim.text().length + 20L;
            case Reply.BigNumber big -> big.digits().length() + 3L;
            case Reply.Published published -> size(published.reply()) + size(published.messages());
            case Reply.Real _ -> 24;
            case Reply.Int _, Reply.Null _, Reply.Bool _ -> 8;
        };
    }

    private static long size(List<Reply> elements) {
        long bytes = 16;
        for (Reply element : elements) {
            bytes += size(element);
        }
        return bytes;
    }

    private static void status(Reply.Status status, ByteBuf out) {
        if (status == Reply.OK) {
            out.writeBytes(OK);
        } else {
            line((byte) '+', status.text(), out);
        }
    }

    private static void bulk(byte[] bytes, ByteBuf out) {
        int length = bytes.length;
        out.ensureWritable(length + NUMBER_BYTES_MAX);
        number((byte) '$', BULKS, length, out);
        out.writeBytes(bytes);
        out.writeShort(CRLF);
    }

    private static void aggregate(char kind, int count, List<Reply> elements, boolean resp3, ByteBuf out) {
        if (kind == '*') {
            number((byte) kind, ARRAYS, count, out);
        } else {
            number((byte) kind, count, out);
        }
        for (Reply element : elements) {
            encode(element, resp3, out);
        }
    }

    private static void text(char kind, String text, boolean resp3, ByteBuf out) {
        if (resp3) {
            line((byte) kind, text, out);
        } else {
            bulk(text.getBytes(StandardCharsets.ISO_8859_1), out);
        }
    }

    private static void verbatim(Reply.Verbatim verbatim, boolean resp3, ByteBuf out) {
        byte[] text = verbatim.text();
        if (!resp3) {
            bulk(text, out);
            return;
        }
        number((byte) '=', text.length + 4L, out);
        out.writeBytes(verbatim.format().getBytes(StandardCharsets.ISO_8859_1));
        out.writeByte(':');
        out.writeBytes(text);
        out.writeShort(CRLF);
    }

    private static void line(byte kind, String text, ByteBuf out) {
        out.writeByte(kind);
        out.writeBytes(bytesOf(text));
        out.writeShort(CRLF);
    }

    private static byte[] bytesOf(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0xFF) {
                return text.getBytes(StandardCharsets.UTF_8);
            }
        }
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void number(byte kind, byte[][] cached, long value, ByteBuf out) {
        if (value >= 0 && value < CACHED_NUMBERS) {
            out.writeBytes(cached[(int) value]);
        } else {
            number(kind, value, out);
        }
    }

    private static void number(byte kind, long value, ByteBuf out) {
        byte[] line = new byte[NUMBER_BYTES_MAX + 3];
        int at = line.length;
        line[--at] = '\n';
        line[--at] = '\r';
        long rest = value > 0 ? -value : value;
        do {
            line[--at] = (byte) ('0' - rest % 10);
            rest /= 10;
        } while (rest != 0);
        if (value < 0) {
            line[--at] = '-';
        }
        line[--at] = kind;
        out.writeBytes(line, at, line.length - at);
    }

    private static byte[][] headers(char kind) {
        byte[][] headers = new byte[CACHED_NUMBERS][];
        for (int i = 0; i < CACHED_NUMBERS; i++) {
            headers[i] = ascii(kind + Integer.toString(i) + "\r\n");
        }
        return headers;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
