package io.kvasir.tools.kill;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One connection to a gateway that retries nothing. Confined to one thread. */
final class Connection implements AutoCloseable {

    private static final int CONNECT_MILLIS_MAX = 5_000;

    /** Longer than any server may hold a command back: what takes this long is stuck. */
    private static final int REPLY_MILLIS_MAX = 45_000;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private boolean broken;

    private Connection(Socket socket) throws IOException {
        this.socket = socket;
        in = new BufferedInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** Connects to {@code port} of this machine; fails if nobody listens. */
    static Connection open(int port) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(REPLY_MILLIS_MAX);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS_MAX);
            return new Connection(socket);
        } catch (IOException failed) {
            socket.close();
            throw failed;
        }
    }

    /** Returns whether it was lost; then it answers nothing more. */
    boolean isBroken() {
        return broken;
    }

    /** Sends one command and waits for its answer. */
    Answer call(String... words) {
        send(List.of(List.of(words)));
        return receive();
    }

    /** Sends {@code commands} in one piece; returns one answer for each, in order. */
    List<Answer> pipeline(List<List<String>> commands) {
        send(commands);
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < commands.size(); i++) {
            answers.add(receive());
        }
        return answers;
    }

    /** Sends {@code commands} without waiting; one {@link #receive} for each is due. */
    void send(List<List<String>> commands) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (List<String> words : commands) {
            bytes.writeBytes(("*" + words.size() + "\r\n").getBytes(StandardCharsets.UTF_8));
            for (String word : words) {
                byte[] text = word.getBytes(StandardCharsets.UTF_8);
                bytes.writeBytes(("$" + text.length + "\r\n").getBytes(StandardCharsets.UTF_8));
                bytes.writeBytes(text);
                bytes.writeBytes(new byte[] {'\r', '\n'});
            }
        }
        try {
            out.write(bytes.toByteArray());
            out.flush();
        } catch (IOException lost) {
            broken = true;
        }
    }

    /** Waits for the next answer. */
    Answer receive() {
        if (broken) {
            return new Answer.Undetermined("connection lost");
        }
        try {
            return answer();
        } catch (SocketTimeoutException stuck) {
            broken = true;
            return new Answer.Wrong("no reply within " + REPLY_MILLIS_MAX + " ms");
        } catch (IOException lost) {
            broken = true;
            return new Answer.Undetermined("connection lost");
        }
    }

    private Answer answer() throws IOException {
        int kind = in.read();
        if (kind != '-') {
            return new Answer.Done(value(kind));
        }
        String error = line();
        if (error.startsWith("TRYAGAIN") || error.startsWith("LOADING")) {
            return new Answer.NoEffect(error);
        }
        return error.startsWith("UNDETERMINED") ? new Answer.Undetermined(error) : new Answer.Wrong(error);
    }

    private @Nullable Object value(int kind) throws IOException {
        return switch (kind) {
            case '+' -> line();
            case ':' -> Long.valueOf(line());
            case '$' -> bulk(Integer.parseInt(line()));
            case '*' -> {
                int count = Integer.parseInt(line());
                List<@Nullable Object> all = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    all.add(value(in.read()));
                }
                yield all;
            }
            case '-' -> throw new IOException("an error within a reply: " + line());
            case -1 -> throw new EOFException();
            default -> throw new IOException("a reply of kind " + kind);
        };
    }

    private @Nullable String bulk(int length) throws IOException {
        if (length < 0) {
            return null;
        }
        byte[] bytes = in.readNBytes(length + 2);
        if (bytes.length != length + 2) {
            throw new EOFException();
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    private String line() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int next = in.read(); next != '\r'; next = in.read()) {
            if (next < 0) {
                throw new EOFException();
            }
            text.append((char) next);
        }
        in.read();
        return text.toString();
    }

    @Override
    public void close() {
        broken = true;
        try {
            socket.close();
        } catch (IOException gone) {
            return; // nothing is owed to anybody any more
        }
    }
}
