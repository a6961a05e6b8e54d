package io.kvasir.gateway.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A socket to which bytes are written and from which bytes are read, as they are. */
public final class RawClient implements AutoCloseable {

    /** Longest wait for bytes that must come. */
    private static final int TIMEOUT_MILLIS = 10_000;

    private final Socket socket;

    public RawClient(int port) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
    }

    public RawClient send(String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    /** Returns the next {@code count} bytes. */
    public String read(int count) throws IOException {
        byte[] bytes = socket.getInputStream().readNBytes(count);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Reads as many bytes as {@code expected} has and returns them; fewer if the server closes. */
    public String readLike(String expected) throws IOException {
        return read(expected.length());
    }

    /** Returns what comes before {@code end}, which is read too. */
    public String readUntil(String end) throws IOException {
        return until(socket.getInputStream(), end);
    }

    static String until(InputStream in, String end) throws IOException {
        StringBuilder all = new StringBuilder();
        while (all.length() < end.length() || all.lastIndexOf(end) != all.length() - end.length()) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("closed after " + all);
            }
            all.append((char) next);
        }
        return all.substring(0, all.length() - end.length());
    }

    /** Returns everything up to the end of the connection. */
    public String readToEnd() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        try {
            in.transferTo(all);
        } catch (SocketTimeoutException late) {
            throw new IOException("the server did not close; sent so far: " + all, late);
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    /** Ends the sending side. */
    public RawClient endInput() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
