package io.kvasir.gateway.command;

import io.kvasir.proto.reply.Reply;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A redis-server of its own for one test, to ask what Redis would have answered. Not thread-safe.
 *
 * <p>Speaks RESP2. The process ends with {@link #close}.
 */
public final class RedisOracle implements AutoCloseable {

    private static final int CONNECT_ATTEMPTS_MAX = 200;
    private static final int CONNECT_PAUSE_MILLIS = 25;

    private static final String EVENT_CHANNEL = "__keyevent@0__:";

    private final Process server;
    private final Path directory;
    private final Wire commands;
    private final Wire events;

    private RedisOracle(Process server, Path directory, int port) throws IOException {
        this.server = server;
        this.directory = directory;
        commands = new Wire(new Socket(InetAddress.getLoopbackAddress(), port));
        commands.run(CommandRunner.split("CONFIG SET notify-keyspace-events EAn"));
        events = new Wire(new Socket(InetAddress.getLoopbackAddress(), port));
        events.run(CommandRunner.split("PSUBSCRIBE " + EVENT_CHANNEL + "*"));
    }

    /** Returns where redis-server is on the PATH, if it is. */
    public static Optional<Path> find() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .map(directory -> Path.of(directory, "redis-server"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Starts {@code program} on a free port, without persistence. */
    public static RedisOracle start(Path program) throws IOException, InterruptedException {
        int port;
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = probe.getLocalPort();
        }
        Path directory = Files.createTempDirectory("redis-oracle"); // it would load a dump that it finds
        Process server = new ProcessBuilder(
                        program.toString(),
                        "--port",
                        Integer.toString(port),
                        "--bind",
                        "127.0.0.1",
                        "--save",
                        "",
                        "--appendonly",
                        "no",
                        "--dir",
                        directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        for (int attempt = 1; ; attempt++) {
            try {
                return new RedisOracle(server, directory, port);
            } catch (IOException refused) {
                if (attempt == CONNECT_ATTEMPTS_MAX || !server.isAlive()) {
                    server.destroyForcibly();
                    delete(directory);
                    throw refused;
                }
                server.waitFor(CONNECT_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
    }

    /** Sends a command and returns its reply. */
    public Reply run(byte[]... words) throws IOException {
        return commands.run(words);
    }

    /** Sends a command whose words are separated by single spaces and returns its reply as text. */
    public String run(String line) throws IOException {
        return CommandRunner.text(run(CommandRunner.split(line)));
    }

    /** Returns the keyspace events since the last call as "name key", in order. */
    public List<String> eventLines() throws IOException {
        List<String> lines = new ArrayList<>();
        // What was published before the subscriber's PING reaches it before the answer to that.
        for (Reply.Array message = events.message("PING"); message.elements().size() == 4; message = events.message()) {
            String channel = plain(message.elements().get(2));
            lines.add(channel.substring(EVENT_CHANNEL.length())
                    + ' '
                    + plain(message.elements().get(3)));
        }
        return lines;
    }

    private static String plain(Reply reply) {
        return new String(((Reply.Bulk) reply).bytes(), StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        commands.close();
        events.close();
        server.destroy();
        try {
            if (!server.waitFor(5, TimeUnit.SECONDS)) {
                server.destroyForcibly();
            }
        } catch (InterruptedException e) {
            server.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        delete(directory);
    }

    private static void delete(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve("dump.rdb"));
        Files.deleteIfExists(directory);
    }

    /** One connection. */
    private static final class Wire implements AutoCloseable {

        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;

        Wire(Socket socket) throws IOException {
            this.socket = socket;
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
            out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
        }

        Reply run(byte[]... words) throws IOException {
            send(words);
            out.flush();
            return receive();
        }

        Reply.Array message(String line) throws IOException {
            return (Reply.Array) run(CommandRunner.split(line));
        }

        Reply.Array message() throws IOException {
            return (Reply.Array) receive();
        }

        private void send(byte[][] words) throws IOException {
            out.write(ascii("*" + words.length + "\r\n"));
            for (byte[] word : words) {
                out.write(ascii("$" + word.length + "\r\n"));
                out.write(word);
                out.write(ascii("\r\n"));
            }
        }

        private Reply receive() throws IOException {
            String line = line();
            String rest = line.substring(1);
            return switch (line.charAt(0)) {
                case '+' -> new Reply.Status(rest);
                case '-' -> new Reply.Error(rest);
                case ':' -> new Reply.Int(Long.parseLong(rest));
                case '$' -> bulk(Integer.parseInt(rest));
                case '*' -> array(Integer.parseInt(rest));
                default -> throw new IOException("not a reply: " + line);
            };
        }

        private Reply bulk(int length) throws IOException {
            if (length < 0) {
                return Reply.NULL;
            }
            byte[] bytes = in.readNBytes(length);
            in.skipNBytes(2);
            return Reply.bulk(bytes);
        }

        private Reply array(int length) throws IOException {
            if (length < 0) {
                return Reply.NULL_ARRAY;
            }
            List<Reply> elements = new ArrayList<>();
            for (int i = 0; i < length; i++) {
                elements.add(receive());
            }
            return Reply.array(elements);
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c != '\r'; c = in.read()) {
                if (c < 0) {
                    throw new EOFException("redis-server has closed the connection");
                }
                line.append((char) c);
            }
            in.skipNBytes(1);
            return line.toString();
        }

        private static byte[] ascii(String text) {
            return text.getBytes(StandardCharsets.US_ASCII);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
