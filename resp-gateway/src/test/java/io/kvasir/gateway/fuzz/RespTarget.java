package io.kvasir.gateway.fuzz;

import io.kvasir.proto.reply.Reply;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** A server behind a socket that speaks RESP2 or RESP3. */
public final class RespTarget implements Target {

    /** Longest wait for a reply. */
    private static final int TIMEOUT_MILLIS = 10_000;

    private final String name;
    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;

    public RespTarget(String name, String host, int port) throws IOException {
        this.name = name;
        socket = new Socket(host, port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Reply send(Words words) {
        try {
            out.write(Words.bytes("*" + words.size() + "\r\n"));
            for (byte[] word : words.list()) {
                out.write(Words.bytes("$" + word.length + "\r\n"));
                out.write(word);
                out.write(Words.bytes("\r\n"));
            }
            out.flush();
            return read();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " gave no reply to " + words, e);
        }
    }

    @Override
    public void reset(int protocol) {
        require(Words.of("HELLO " + protocol));
        require(Words.of("SELECT 0"));
        require(Words.of("FLUSHALL"));
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void require(Words words) {
        if (send(words) instanceof Reply.Error(String text)) {
            throw new IllegalStateException(name + " answers " + words + " with " + text);
        }
    }

    private Reply read() throws IOException {
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
            default -> throw new IOException(name + " sent a reply of unknown type " + (char) type);
        };
    }

    private static double real(String line) {
        return switch (line) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
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
                throw new EOFException(name + " closed the connection");
            }
            line.append((char) b);
        }
        in.skipNBytes(1);
        return line.toString();
    }
}
