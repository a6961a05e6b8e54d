package io.kvasir.tools.demo;

import io.kvasir.proto.reply.Reply;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One connection to a server of this machine, in RESP2, which repeats nothing by itself. An {@link IOException} leaves
 * open what became of requests without a reply. Confined to one thread at a time.
 */
final class Connection implements AutoCloseable {

    private static final int CONNECT_MILLIS_MAX = 3_000;

    /** What takes longer than any server may hold a command back counts as lost. */
    private static final int REPLY_MILLIS_MAX = 30_000;

    private static final int BUFFER_BYTES = 1 << 16;
    private static final byte[] LINE_END = {'\r', '\n'};

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private final OutputStream out;

    /** Connects to {@code port} at 127.0.0.1. */
    Connection(int port) throws IOException {
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(REPLY_MILLIS_MAX);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS_MAX);
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES));
            out = new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES);
        } catch (IOException failed) {
            socket.close();
            throw failed;
        }
    }

    /** Writes a request; it may stay in a buffer until {@link #flush}. */
    void send(List<byte[]> words) throws IOException {
        out.write(("*" + words.size() + "\r\n").getBytes(StandardCharsets.US_ASCII));
        for (byte[] word : words) {
            out.write(("$" + word.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.write(word);
            out.write(LINE_END);
        }
    }

    void flush() throws IOException {
        out.flush();
    }

    /** Sends one request and returns its reply. */
    Reply call(List<byte[]> words) throws IOException {
        send(words);
        flush();
        return receive();
    }

    /** As {@link #call(List)}, with words as text. */
    Reply call(String... words) throws IOException {
        return call(words(words));
    }

    /** Returns the next reply. */
    Reply receive() throws IOException {
        int kind = in.readUnsignedByte();
        String line = line();
        return switch (kind) {
            case '+' -> new Reply.Status(line);
            case '-' -> new Reply.Error(line);
            case ':' -> new Reply.Int(Long.parseLong(line));
            case '$' -> line.equals("-1") ? Reply.NULL : new Reply.Bulk(body(Integer.parseInt(line)));
            case '*' -> line.equals("-1") ? Reply.NULL_ARRAY : new Reply.Array(elements(Integer.parseInt(line)));
            default -> throw new IOException("a reply of kind " + (char) kind);
        };
    }

    static List<byte[]> words(String... words) {
        List<byte[]> all = new ArrayList<>(words.length);
        for (String word : words) {
            all.add(word.getBytes(StandardCharsets.UTF_8));
        }
        return all;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException gone) {
            return; // nothing is owed to anybody any more
        }
    }

    private List<Reply> elements(int count) throws IOException {
        List<Reply> elements = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            elements.add(receive());
        }
        return elements;
    }

    private byte[] body(int length) throws IOException {
        byte[] body = new byte[length];
        in.readFully(body);
        in.skipNBytes(LINE_END.length);
        return body;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\r'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection ended within a reply");
            }
            line.append((char) next);
        }
        in.skipNBytes(1);
        return line.toString();
    }
}
