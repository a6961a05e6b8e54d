package io.kvasir.tools.transfer;

import io.kvasir.proto.reply.Reply;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A connection that speaks RESP2, commands first, replies later. Confined to one thread. */
final class RedisConnection implements AutoCloseable {

    private static final int CONNECT_MILLIS = 5_000;

    /** Longest wait for a reply: a large value may take its time. */
    private static final int REPLY_MILLIS = 120_000;

    private static final int BUFFER_BYTES = 256 << 10;
    private static final int BULK_BYTES_MAX = 1 << 30;
    private static final int ELEMENTS_MAX = 1 << 24;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    private RedisConnection(Socket socket) throws IOException {
        this.socket = socket;
        in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
        out = new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES);
    }

    /**
     * Connects and gives the password if there is one.
     *
     * @throws TransferException if that fails
     */
    static RedisConnection open(RedisAddress address) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(address.host(), address.port()), CONNECT_MILLIS);
            socket.setSoTimeout(REPLY_MILLIS);
            socket.setTcpNoDelay(true);
        } catch (IOException refused) {
            socket.close();
            throw new TransferException(address.name() + " cannot be reached: " + refused.getMessage());
        }
        RedisConnection connection = new RedisConnection(socket);
        if (!address.password().isEmpty()) {
            List<byte[]> auth = new ArrayList<>(List.of(bytes("AUTH")));
            if (!address.user().isEmpty()) {
                auth.add(bytes(address.user()));
            }
            auth.add(bytes(address.password()));
            connection.require(auth.toArray(byte[][]::new));
        }
        connection.require(bytes("PING"));
        return connection;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] bytes(long number) {
        return bytes(Long.toString(number));
    }

    /** Writes a command, perhaps only into the buffer; its reply is to be received. */
    void send(byte[]... words) throws IOException {
        out.write(bytes("*" + words.length + "\r\n"));
        for (byte[] word : words) {
            out.write(bytes("$" + word.length + "\r\n"));
            out.write(word);
            out.write('\r');
            out.write('\n');
        }
    }

    void flush() throws IOException {
        out.flush();
    }

    /** Returns the reply to {@code words}. */
    Reply call(byte[]... words) throws IOException {
        send(words);
        flush();
        return receive();
    }

    /**
     * Returns the reply to {@code words}.
     *
     * @throws TransferException if it is an error
     */
    Reply require(byte[]... words) throws IOException {
        Reply reply = call(words);
        if (reply instanceof Reply.Error error) {
            throw new TransferException(new String(words[0], StandardCharsets.UTF_8) + ": " + error.text());
        }
        return reply;
    }

    /** Receives the next reply. */
    Reply receive() throws IOException {
        String line = line();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> new Reply.Status(rest);
            case '-' -> new Reply.Error(rest);
            case ':' -> new Reply.Int(Long.parseLong(rest));
            case '$' -> bulk(Long.parseLong(rest));
            case '*' -> array(Long.parseLong(rest));
            default -> throw new IOException("not a reply of Redis' protocol");
        };
    }

    private Reply bulk(long length) throws IOException {
        if (length < 0) {
            return Reply.NULL;
        }
        if (length > BULK_BYTES_MAX) {
            throw new IOException("a reply of " + length + " bytes");
        }
        byte[] bytes = in.readNBytes((int) length);
        if (bytes.length < length) {
            throw new EOFException("the connection ended within a reply");
        }
        in.skipNBytes(2);
        return Reply.bulk(bytes);
    }

    private Reply array(long length) throws IOException {
        if (length > ELEMENTS_MAX) {
            throw new IOException("a reply of " + length + " elements");
        }
        List<Reply> elements = new ArrayList<>();
        for (long i = 0; i < length; i++) {
            elements.add(receive());
        }
        return Reply.array(elements);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\r'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the connection was closed");
            }
            line.append((char) c);
        }
        in.skipNBytes(1);
        if (line.isEmpty()) {
            throw new IOException("not a reply of Redis' protocol");
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
