package io.kvasir.gateway.fuzz;

import io.kvasir.proto.reply.Reply;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** Reads replies of RESP2 and RESP3. Confined to one thread. */
final class ReplyReader {

    private final DataInputStream in;

    ReplyReader(InputStream in) {
        this.in = new DataInputStream(in);
    }

    Reply read() throws IOException {
        int type = in.readUnsignedByte();
        String line = line();
        return switch (type) {
            case '+' -> new Reply.Status(line);
            case '-' -> new Reply.Error(line);
            case ':' -> new Reply.Int(Long.parseLong(line));
            case '$' -> line.equals("-1") ? Reply.NULL : new Reply.Bulk(body(line));
            case '*' -> line.equals("-1") ? Reply.NULL_ARRAY : new Reply.Array(elements(Integer.parseInt(line)));
            case '%' -> new Reply.MapOf(elements(2 * Integer.parseInt(line)));
            case '~' -> new Reply.SetOf(elements(Integer.parseInt(line)));
            case '>' -> new Reply.Push(elements(Integer.parseInt(line)));
            case '_' -> Reply.NULL;
            case '#' -> new Reply.Bool(line.equals("t"));
            case ',' -> new Reply.Real(real(line));
            case '(' -> new Reply.BigNumber(line);
            case '=' -> verbatim(body(line));
            default -> throw new IOException("a reply of unknown type " + (char) type);
        };
    }

    private static double real(String line) {
        return switch (line) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            case "nan" -> Double.NaN;
            default -> Double.parseDouble(line);
        };
    }

    private static Reply verbatim(byte[] body) {
        String text = Words.text(body);
        return new Reply.Verbatim(text.substring(0, 3), Words.bytes(text.substring(4)));
    }

    private List<Reply> elements(int count) throws IOException {
        List<Reply> elements = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            elements.add(read());
        }
        return elements;
    }

    private byte[] body(String length) throws IOException {
        byte[] body = new byte[Integer.parseInt(length)];
        in.readFully(body);
        in.skipNBytes(2);
        return body;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\r'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the connection ends within a reply");
            }
            line.append((char) b);
        }
        in.skipNBytes(1);
        return line.toString();
    }
}
