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
import java.util.Optional;

/** A server behind a socket that speaks RESP2 or RESP3. */
public final class RespTarget implements Target {

    /** Longest wait for a reply. */
    private static final int TIMEOUT_MILLIS = 30_000;

    private static final byte[] LINE_END = {'\r', '\n'};

    private final String name;
    private final List<Words> emptying;
    private final Socket socket;
    private final OutputStream out;
    private final ReplyReader in;

    /** Connects to a server of which {@link #reset} empties all. */
    public RespTarget(String name, String host, int port) throws IOException {
        this(name, host, port, List.of(Words.of("SELECT 0"), Words.of("FLUSHALL")));
    }

    private RespTarget(String name, String host, int port, List<Words> emptying) throws IOException {
        this.name = name;
        this.emptying = List.copyOf(emptying);
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

    /** Sends a request; its reply is to be {@link #receive received}. */
    public void post(Words words) {
        try {
            write(words);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " takes no requests", e);
        }
    }

    /** Reads the next message, a reply or not. */
    public Reply receive() {
        try {
            return in.read();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " sent nothing", e);
        }
    }

    /** Connects to a server of which {@link #reset} empties one database, and stays in it. */
    public static RespTarget inDatabase(String name, String host, int port, int database) throws IOException {
        return new RespTarget(name, host, port, List.of(Words.of("SELECT " + database), Words.of("FLUSHDB")));
    }

    @Override
    public void reset(int protocol) {
        tryReset(protocol).ifPresent(error -> {
            throw new IllegalStateException(name + " cannot be emptied: " + error);
        });
    }

    /**
     * Does what {@link #reset} does, or returns the error that kept it from that. Leaves a MULTI and gives up watches
     * as well, which a script that is cut may have left.
     */
    public Optional<String> tryReset(int protocol) {
        List<Words> lines =
                new ArrayList<>(List.of(Words.of("DISCARD"), Words.of("UNWATCH"), Words.of("HELLO " + protocol)));
        lines.addAll(emptying);
        List<Reply> replies = sendAll(lines);
        for (Reply reply : replies.subList(1, replies.size())) {
            if (reply instanceof Reply.Error(String text)) {
                return Optional.of(text);
            }
        }
        return Optional.empty();
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
