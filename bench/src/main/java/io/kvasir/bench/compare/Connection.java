package io.kvasir.bench.compare;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A connection that asks a server on this machine simple things. Confined to the thread that opened it. */
final class Connection implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 30_000;
    private static final int BUFFER_BYTES = 1 << 16;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    Connection(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
        out = new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES);
    }

    /** Returns what a server says of itself, by name. */
    static Map<String, String> info(int port) {
        try (Connection connection = new Connection(port)) {
            Map<String, String> fields = new LinkedHashMap<>();
            connection.send(List.of("INFO", "everything"));
            for (String line : connection.await().split("\r\n")) {
                int colon = line.indexOf(':');
                if (colon > 0 && !line.startsWith("#")) {
                    fields.put(line.substring(0, colon), line.substring(colon + 1));
                }
            }
            return fields;
        } catch (IOException failed) {
            throw new BenchException("port " + port + " does not answer INFO (" + failed.getMessage() + ")");
        }
    }

    /** Returns whether a server answers PING at {@code port} now. */
    static boolean answers(int port) {
        try (Connection connection = new Connection(port)) {
            connection.send(List.of("PING"));
            return connection.await().equals("PONG");
        } catch (IOException | BenchException notYet) {
            return false;
        }
    }

    /** Sends a request; it may stay in a buffer until {@link #await}. */
    void send(List<String> words) throws IOException {
        StringBuilder text = new StringBuilder("*" + words.size() + "\r\n");
        for (String word : words) {
            text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        out.write(text.toString().getBytes(StandardCharsets.US_ASCII));
    }

    /** As above, for words that are not text. */
    void sendBytes(byte[]... words) throws IOException {
        out.write(("*" + words.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
        for (byte[] word : words) {
            out.write(("$" + word.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.write(word);
            out.write('\r');
            out.write('\n');
        }
    }

    /**
     * Returns the next reply, which is a bulk string, a byte a char, or nothing if there is no such value.
     *
     * @throws BenchException if it is an error
     */
    Optional<String> awaitBulk() throws IOException {
        out.flush();
        String line = line();
        if (line.charAt(0) != '$') {
            throw new BenchException("a server answered " + line);
        }
        int length = Integer.parseInt(line.substring(1));
        if (length < 0) {
            return Optional.empty();
        }
        byte[] bytes = in.readNBytes(length + 2);
        if (bytes.length < length + 2) {
            throw new EOFException("the server closed the connection");
        }
        return Optional.of(new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
    }

    /**
     * Returns the next reply, which is not an array, as text.
     *
     * @throws BenchException if it is an error
     */
    String await() throws IOException {
        out.flush();
        String line = line();
        return switch (line.charAt(0)) {
            case '+', ':' -> line.substring(1);
            case '$' -> {
                byte[] bytes = in.readNBytes(Integer.parseInt(line.substring(1)) + 2);
                yield new String(bytes, 0, bytes.length - 2, StandardCharsets.US_ASCII);
            }
            default -> throw new BenchException("a server answered " + line);
        };
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("the server closed the connection");
            }
            if (next == '\n') {
                return line.toString();
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
