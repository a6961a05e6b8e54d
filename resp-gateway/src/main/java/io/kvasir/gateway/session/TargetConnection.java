package io.kvasir.gateway.session;

import io.kvasir.region.time.Timer;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A connection to the server that MIGRATE sends keys to. Every step may take as long as the client said. Confined to
 * one thread, which waits for the network, but for the timer that closes the socket under a write that gets nowhere.
 */
final class TargetConnection implements AutoCloseable {

    /** Most bytes of a line that is read; the rest of a longer one is not (redis cluster.c has as many). */
    private static final int LINE_BYTES_MAX = 1024;

    private static final int PIECE_BYTES = 64 * 1024;
    private static final int PORT_MAX = 65_535;

    /** A step that failed, in Redis' words. */
    static final class Failed extends Exception {

        private static final long serialVersionUID = 1L;

        private Failed(String message) {
            super(message);
        }
    }

    private static final String CONNECTING = "IOERR error or timeout connecting to the client";
    private static final String WRITING = "IOERR error or timeout writing to target instance";
    private static final String READING = "IOERR error or timeout reading to target instance";

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final Timer timer;
    private final int timeoutMillis;

    /** Pieces written, and 1 more while one is being written. */
    private volatile long steps;

    private TargetConnection(Socket socket, Timer timer, int timeoutMillis) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
        this.out = socket.getOutputStream();
        this.timer = timer;
        this.timeoutMillis = timeoutMillis;
    }

    /**
     * Connects, over TLS if there is {@code tls}.
     *
     * @param timeoutMillis of this and of every later step, from 1
     */
    static TargetConnection open(
            String host, String port, int timeoutMillis, @Nullable SSLSocketFactory tls, Timer timer) throws Failed {
        if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > PORT_MAX) {
            throw new Failed(WRITING); // nobody listens there, which Redis finds out when it writes
        }
        Socket socket = new Socket();
        try {
            InetAddress address = InetAddress.getByName(host);
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(address, Integer.parseInt(port)), timeoutMillis);
            socket.setSoTimeout(timeoutMillis);
            Socket outer = tls == null ? socket : tls.createSocket(socket, host, Integer.parseInt(port), true);
            return new TargetConnection(outer, timer, timeoutMillis);
        } catch (ConnectException | NoRouteToHostException refused) {
            close(socket);
            throw new Failed(WRITING); // Redis finds out when it writes
        } catch (IOException failed) {
            close(socket);
            throw new Failed(CONNECTING);
        }
    }

    /** Sends commands, each a list of words. */
    void send(List<List<byte[]>> commands) throws Failed {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (List<byte[]> words : commands) {
            all.writeBytes(ascii("*" + words.size() + "\r\n"));
            for (byte[] word : words) {
                all.writeBytes(ascii("$" + word.length + "\r\n"));
                all.writeBytes(word);
                all.writeBytes(ascii("\r\n"));
            }
        }
        byte[] bytes = all.toByteArray();
        long begun = steps;
        long end = begun + (bytes.length + PIECE_BYTES - 1) / PIECE_BYTES;
        watch(begun, end);
        try {
            for (int at = 0; at < bytes.length; at += PIECE_BYTES) {
                out.write(bytes, at, Math.min(PIECE_BYTES, bytes.length - at));
                steps++;
            }
            out.flush();
        } catch (IOException failed) {
            throw new Failed(WRITING);
        } finally {
            steps = end;
        }
    }

    /** Closes the socket if writing is not further after the time-out than it is now; ends when all is written. */
    private void watch(long seen, long end) {
        timer.after(timeoutMillis, () -> {
            long now = steps;
            if (now >= end) {
                return;
            }
            if (now == seen) {
                close(socket);
            } else {
                watch(now, end);
            }
        });
    }

    /** Returns the next line of the answers, without its end, one char a byte. */
    String readLine() throws Failed {
        StringBuilder line = new StringBuilder();
        try {
            for (int next = in.read(); next != '\n'; next = in.read()) {
                if (next < 0 || line.length() > LINE_BYTES_MAX) {
                    throw new Failed(READING);
                }
                line.append((char) next);
            }
        } catch (IOException failed) {
            throw new Failed(READING);
        }
        return !line.isEmpty() && line.charAt(line.length() - 1) == '\r'
                ? line.substring(0, line.length() - 1)
                : line.toString();
    }

    @Override
    public void close() {
        close(socket);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException broken) {
            return; // closed is closed
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
