package io.kvasir.tools.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.kvasir.gateway.server.TestAuthority;
import io.kvasir.tools.process.LaunchedCluster;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** Three processes that speak TLS with each other. */
@Tag("clients")
final class TlsClusterTest {

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int PEER_OFFSET = 1_000;
    private static final int KEYS = 50;

    /** How an HTTP/2 client begins (RFC 9113, 3.4), which a server answers with its settings. */
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] EMPTY_SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

    @TempDir
    private Path folder;

    @Test
    void threeNodesServeOverTlsAndTheirPeerPortsAnswerNobodyElse() throws IOException {
        TestAuthority authority = new TestAuthority("the CA");
        TestAuthority.write(authority.issue("kvasir-node"), folder, "node");
        authority.write(folder.resolve("ca.crt"));
        try (LaunchedCluster cluster = LaunchedCluster.start(
                3,
                "tls.cluster=true",
                "tls.cluster-name=kvasir-node",
                "tls.cert-file=" + folder.resolve("node.crt"),
                "tls.key-file=" + folder.resolve("node.key"),
                "tls.ca-cert-file=" + folder.resolve("ca.crt"))) {
            for (int i = 0; i < KEYS; i++) {
                try (Jedis node = new Jedis("127.0.0.1", cluster.port(i % 3), TIMEOUT_MILLIS)) {
                    assertEquals("OK", node.set("key" + i, "v" + i));
                }
            }
            cluster.kill(2);
            cluster.restart(2);
            for (int i = 0; i < KEYS; i++) {
                try (Jedis node = new Jedis("127.0.0.1", cluster.port((i + 1) % 3), TIMEOUT_MILLIS)) {
                    assertEquals("v" + i, node.get("key" + i));
                }
            }
            int peer = cluster.port(0) + PEER_OFFSET;
            assertEquals(4, frame(authority.client(authority.issue("kvasir-node")), peer), "SETTINGS");
            assertThrows(IOException.class, () -> frame(authority.client(), peer));
            assertThrows(IOException.class, () -> frame(authority.client(authority.issue("alice")), peer));
            TestAuthority stranger = new TestAuthority("the CA");
            assertThrows(IOException.class, () -> frame(authority.client(stranger.issue("kvasir-node")), peer));
            assertThrows(IOException.class, () -> plainFrame(peer));
        }
    }

    /** Returns the type of the first frame that the server sends. */
    private static int frame(SSLContext context, int port) throws IOException {
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            return typeOf(socket);
        }
    }

    private static int plainFrame(int port) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return typeOf(socket);
        }
    }

    private static int typeOf(Socket socket) throws IOException {
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.getOutputStream().write(PREFACE);
        socket.getOutputStream().write(EMPTY_SETTINGS);
        socket.getOutputStream().flush();
        InputStream in = socket.getInputStream();
        byte[] head = in.readNBytes(9);
        if (head.length < 9) {
            throw new IOException("closed after " + head.length + " bytes");
        }
        return head[3];
    }
}
