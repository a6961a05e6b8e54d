package io.kvasir.gateway.fuzz;

import io.kvasir.proto.reply.Reply;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** A server behind a socket that speaks RESP2 or RESP3. */
public final class RespTarget implements Target {

    /** Longest wait for a reply. */
    private static final int TIMEOUT_MILLIS = 30_000;

    private static final byte[] LINE_END = {'\r', '\n'};

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
        return sendAll(List.of(words)).getFirst();
    }

    @Override
    public List<Reply> sendAll(List<Words> all) {
        List<Reply> replies = new ArrayList<>(all.size());
        try {
            for (Words words : all) {
                write(words);
            }
            out.flush();
            while (replies.size() < all.size()) {
                replies.add(in.read());
            }
            return replies;
        } catch (IOException e) {
            throw new UncheckedIOException(name + " gave no reply to " + all.get(replies.size()), e);
        }
    }

    /** Leaves a MULTI and gives up watches as well, which a script that is cut may have left. */
    @Override
    public void reset(int protocol) {
        List<Reply> replies = sendAll(List.of(
                Words.of("DISCARD"),
                Words.of("UNWATCH"),
                Words.of("HELLO " + protocol),
                Words.of("SELECT 0"),
                Words.of("FLUSHALL")));
        for (Reply reply : replies.subList(1, replies.size())) {
            if (reply instanceof Reply.Error(String text)) {
                throw new IllegalStateException(name + " cannot be emptied: " + text);
            }
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(Words words) throws IOException {
        out.write(Words.bytes("*" + words.size() + "\r\n"));
        for (byte[] word : words.list()) {
            out.write(Words.bytes("$" + word.length + "\r\n"));
            out.write(word);
            out.write(LINE_END);
        }
    }
}
