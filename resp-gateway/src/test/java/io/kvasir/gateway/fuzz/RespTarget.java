package io.kvasir.gateway.fuzz;

import io.kvasir.proto.reply.Reply;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;

/** A server behind a socket that speaks RESP2 or RESP3. */
public final class RespTarget implements Target {

    /** Longest wait for a reply. */
    private static final int TIMEOUT_MILLIS = 10_000;

    private final String name;
    private final Socket socket;
    private final OutputStream out;
    private final ReplyReader in;

    public RespTarget(String name, String host, int port) throws IOException {
        this.name = name;
        socket = new Socket(host, port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
        in = new ReplyReader(new BufferedInputStream(socket.getInputStream(), 1 << 16));
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
            return in.read();
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
}
