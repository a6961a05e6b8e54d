package io.kvasir.gateway.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.region.tls.LiveTls;
import io.kvasir.region.tls.TlsException;
import io.kvasir.region.tls.TlsSettings;
import io.kvasir.region.tls.TlsSettings.AuthClients;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that speak TLS, at a gateway over records in memory. */
final class TlsTest {

    private static final int TIMEOUT_MILLIS = 10_000;

    private final TestAuthority authority = new TestAuthority("the CA");
    private final TestAuthority.Issued alice = authority.issue("alice");

    @TempDir
    private Path folder;

    private TestGateway gateway;

    @BeforeEach
    void start() throws IOException {
        TestAuthority.write(authority.issue("node-1"), folder, "node");
        authority.write(folder.resolve("ca.crt"));
        gateway = new TestGateway(Runnable::run, Map.of("tls-auth-clients-user", "cn"));
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aClientOfTlsIsServedAsAPlainOne(String version) throws IOException {
        int port = gateway.listenTls(live(AuthClients.YES), false);
        try (Client secure = new Client(authority.client(alice), port, version);
                RawClient plain = gateway.connect()) {
            assertEquals("+OK\r\n", secure.send("SET k v\r\n").read(5));
            assertEquals("$1\r\nv\r\n", plain.send("GET k\r\n").read(7));
            String large = "x".repeat(3 << 20);
            secure.send("*3\r\n$3\r\nSET\r\n$5\r\nlarge\r\n$" + large.length() + "\r\n" + large + "\r\n");
            assertEquals("+OK\r\n", secure.read(5));
            secure.send("GET large\r\nPING\r\nQUIT\r\n");
            assertEquals(
                    "$" + large.length() + "\r\n" + large + "\r\n+PONG\r\n+OK\r\n",
                    secure.readToEnd(),
                    "the replies, and then the end of TLS, which readToEnd insists on");
        }
    }

    @Test
    void whoShowsNoCertificateOfTheAuthorityStaysOutside() throws IOException {
        TestAuthority stranger = new TestAuthority("the CA");
        int strict = gateway.listenTls(live(AuthClients.YES), false);
        int lenient = gateway.listenTls(live(AuthClients.OPTIONAL), false);
        int open = gateway.listenTls(live(AuthClients.NO), false);
        assertThrows(IOException.class, () -> ping(authority.client(), strict));
        assertThrows(IOException.class, () -> ping(authority.client(stranger.issue("alice")), strict));
        assertThrows(IOException.class, () -> ping(authority.client(stranger.issue("alice")), lenient));
        assertThrows(SSLException.class, () -> ping(stranger.client(alice), strict), "nor is the server trusted");
        assertEquals("+PONG\r\n", ping(authority.client(alice), strict));
        assertEquals("+PONG\r\n", ping(authority.client(), lenient));
        assertEquals("+PONG\r\n", ping(authority.client(), open));
        assertTrue(info("stats").contains("acl_access_denied_tls_cert:1"), "alice is no user: " + info("stats"));
        assertTrue(info("kvasir").contains("tls_handshakes_failed:"), info("kvasir"));
        assertFalse(info("kvasir").contains("tls_handshakes_failed:0"), info("kvasir"));
    }

    @Test
    void aCertificateLogsInAsTheUserWhomItNames() throws IOException {
        int port = gateway.listenTls(live(AuthClients.YES), false);
        TestAuthority.Issued bob = authority.issue("bob");
        try (RawClient plain = gateway.connect()) {
            String setUser = "ACL SETUSER alice on ~* +@all\r\n";
            assertEquals("+OK\r\n", plain.send(setUser).read(5));
            assertEquals(
                    "+OK\r\n", plain.send("ACL SETUSER bob off ~* +@all\r\n").read(5));
            assertEquals("$5\r\nalice\r\n", whoAmI(alice, port));
            assertEquals("$7\r\ndefault\r\n", whoAmI(bob, port), "bob is off");
            assertEquals("$7\r\ndefault\r\n", whoAmI(authority.issue("carol"), port), "carol is nobody");
            String log = plain.send("ACL LOG\r\nECHO end\r\n").readUntil("$3\r\nend\r\n");
            assertTrue(log.contains("tls-cert") && log.contains("carol") && log.contains("bob"), log);
            assertEquals(
                    "+OK\r\n",
                    plain.send("CONFIG SET tls-auth-clients-user off\r\n").read(5));
            assertEquals("$7\r\ndefault\r\n", whoAmI(alice, port));
        }
    }

    @Test
    void changedFilesServeNewConnectionsAndBadOnesNobody() throws IOException {
        LiveTls live = live(AuthClients.YES);
        int port = gateway.listenTls(live, false);
        TestAuthority second = new TestAuthority("the second CA");
        TestAuthority.Issued newcomer = second.issue("alice");
        try (Client before = new Client(authority.client(alice), port, "TLSv1.3")) {
            assertEquals("+PONG\r\n", before.send("PING\r\n").read(7));
            assertFalse(live.refresh(), "nothing has changed");
            Files.writeString(folder.resolve("node.key"), "no key");
            assertFalse(live.refresh());
            assertEquals("+PONG\r\n", ping(authority.client(alice), port), "the former stay in use");
            TestAuthority.write(second.issue("node-1"), folder, "node");
            second.write(folder.resolve("ca.crt"));
            assertTrue(live.refresh());
            assertEquals("+PONG\r\n", ping(second.client(newcomer), port));
            assertThrows(IOException.class, () -> ping(authority.client(alice), port));
            assertEquals("+PONG\r\n", before.send("PING\r\n").read(7), "a connection keeps what it began with");
        }
    }

    @Test
    void configSetChangesFilesAndSaysWhyItCannot() throws IOException {
        LiveTls live = live(AuthClients.NO);
        gateway.commands()
                .settings()
                .onTls(value -> live.change(settings(
                        value.apply("tls-cert-file"),
                        value.apply("tls-key-file"),
                        AuthClients.of(value.apply("tls-auth-clients")))));
        String node = folder.resolve("node").toString();
        try (RawClient plain = gateway.connect()) {
            String key = " tls-key-file " + node + ".key";
            String good = "CONFIG SET tls-cert-file " + node + ".crt" + key + " tls-auth-clients optional\r\n";
            assertEquals("+OK\r\n", plain.send(good).read(5));
            assertEquals(AuthClients.OPTIONAL, live.settings().authClients());
            String missing = "CONFIG SET tls-cert-file /nowhere.crt\r\n";
            String why = "-ERR CONFIG SET failed (possibly related to argument 'tls-cert-file') - Unable to update TLS"
                    + " configuration. Failed to load certificate: /nowhere.crt: there is no such file\r\n";
            assertEquals(why, plain.send(missing).readLike(why));
            assertEquals(node + ".crt", live.settings().certFile());
            String shown = "*2\r\n$13\r\ntls-cert-file\r\n$" + (node.length() + 4) + "\r\n" + node + ".crt\r\n";
            assertEquals(shown, plain.send("CONFIG GET tls-cert-file\r\n").readLike(shown));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ''       | node.key  | No tls-cert-file configured!
                    node.crt | ''        | No tls-key-file configured!
                    none.crt | node.key  | Failed to load certificate: FOLDER/none.crt: there is no such file
                    node.crt | none.key  | Failed to load private key: FOLDER/none.key: there is no such file
                    node.key | node.key  | Failed to load certificate: FOLDER/node.key: holds no certificate in PEM form
                    node.crt | node.crt  | Failed to load private key: FOLDER/node.crt: holds no private key in PEM form
                    node.crt | other.key | Failed to load private key: FOLDER/other.key: it is not the key of
                    node.crt | .         | Failed to load private key: FOLDER/.: is a directory
                    """)
    void whatCannotServeIsSaidExactly(String certificate, String key, String message) throws IOException {
        TestAuthority.write(authority.issue("other"), folder, "other");
        TlsException refused = assertThrows(
                TlsException.class, () -> new LiveTls(settings(file(certificate), file(key), AuthClients.YES), false));
        String expected = message.replace("FOLDER", folder.toString());
        String rest = expected.endsWith("the key of") ? " the certificate in " + file("node.crt") : "";
        assertEquals(expected + rest, refused.getMessage());
    }

    @Test
    void clientsAreAskedForCertificatesOnlyIfThereIsAnAuthority() {
        TlsSettings all = settings(file("node.crt"), file("node.key"), AuthClients.OPTIONAL);
        TlsSettings noCa = new TlsSettings(
                all.certFile(),
                all.keyFile(),
                "",
                "",
                "",
                AuthClients.OPTIONAL,
                List.of(),
                List.of(),
                List.of(),
                false,
                TlsSettings.SessionCache.INITIAL,
                "");
        assertEquals(
                "Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster or tls-auth-clients are"
                        + " enabled!",
                assertThrows(TlsException.class, () -> new LiveTls(noCa, false)).getMessage());
    }

    @Test
    void protocolsAndCiphersAreThoseThatAreNamed() throws IOException {
        int port = gateway.listenTls(
                new LiveTls(suites(List.of("TLSv1.2"), List.of("ECDHE-ECDSA-AES256-GCM-SHA384")), false), false);
        try (Client client = new Client(authority.client(), port, "TLSv1.2")) {
            assertEquals("+PONG\r\n", client.send("PING\r\n").read(7));
            assertEquals("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", client.suite());
        }
        assertThrows(IOException.class, () -> new Client(authority.client(), port, "TLSv1.3"));
        assertTrue(refusal(List.of("TLSv1"), List.of()).contains("broken"));
        assertTrue(refusal(List.of("SSLv3"), List.of()).startsWith("Invalid tls-protocols specified."));
        assertTrue(refusal(List.of(), List.of("RC4-MD5-56")).contains("'RC4-MD5-56', which is no suite"));
        assertTrue(refusal(List.of(), List.of("ECDHE-RSA-AES128-GCM-SHA256", "!ECDHE-RSA-AES128-GCM-SHA256"))
                .contains("leaves none"));
    }

    @Test
    void aHandshakeThatTakesTooLongIsClosedAndTooManyAreNotBegun() throws IOException {
        LiveTls live = live(AuthClients.YES);
        try (Handshakes handshakes = new Handshakes()) {
            EmbeddedChannel mute = new EmbeddedChannel();
            mute.freezeTime();
            assertNotNull(handshakes.begin(mute, live));
            assertEquals(1, handshakes.pending());
            mute.advanceTimeBy(Handshakes.MILLIS_MAX - 1, TimeUnit.MILLISECONDS);
            mute.runScheduledPendingTasks();
            assertTrue(mute.isOpen());
            mute.advanceTimeBy(1, TimeUnit.MILLISECONDS);
            mute.runScheduledPendingTasks();
            mute.runPendingTasks();
            assertFalse(mute.isOpen());
            assertEquals(0, handshakes.pending());
            EmbeddedChannel[] many = new EmbeddedChannel[Handshakes.PENDING_MAX];
            for (int i = 0; i < many.length; i++) {
                many[i] = new EmbeddedChannel();
                assertNotNull(handshakes.begin(many[i], live));
            }
            assertNull(handshakes.begin(new EmbeddedChannel(), live));
            many[0].close();
            assertNotNull(handshakes.begin(new EmbeddedChannel(), live));
        }
    }

    @Test
    void clientsOfTlsAreShownPortsOfTls() throws IOException {
        int port = gateway.listenTls(live(AuthClients.YES), true);
        try (Client secure = new Client(authority.client(alice), port, "TLSv1.3");
                RawClient plain = new RawClient(gateway.clusterPort())) {
            String own = secure.send("CLUSTER SLOTS\r\nECHO end\r\n").readUntil("$3\r\nend\r\n");
            assertTrue(own.contains(":8001\r\n") && !own.contains(":7001\r\n"), own);
            String nodes = secure.send("CLUSTER NODES\r\nECHO end\r\n").readUntil("$3\r\nend\r\n");
            assertTrue(nodes.contains("127.0.0.1:8002@17002"), nodes);
            String shards = secure.send("CLUSTER SHARDS\r\nECHO end\r\n").readUntil("$3\r\nend\r\n");
            assertTrue(shards.contains(":7001\r\n$8\r\ntls-port\r\n:8001\r\n"), shards);
            String sentinel = secure.send("SENTINEL GET-MASTER-ADDR-BY-NAME m\r\nECHO end\r\n")
                    .readUntil("$3\r\nend\r\n");
            assertTrue(sentinel.contains("8001"), sentinel);
            String others = plain.send("CLUSTER SLOTS\r\nECHO end\r\n").readUntil("$3\r\nend\r\n");
            assertTrue(others.contains(":7001\r\n") && !others.contains(":8001\r\n"), others);
        }
    }

    private String refusal(List<String> protocols, List<String> ciphers) {
        return assertThrows(TlsException.class, () -> new LiveTls(suites(protocols, ciphers), false))
                .getMessage();
    }

    private TlsSettings suites(List<String> protocols, List<String> ciphers) {
        return new TlsSettings(
                file("node.crt"),
                file("node.key"),
                "",
                "",
                "",
                AuthClients.NO,
                protocols,
                ciphers,
                List.of(),
                false,
                TlsSettings.SessionCache.INITIAL,
                "");
    }

    private LiveTls live(AuthClients clients) throws TlsException {
        return new LiveTls(settings(file("node.crt"), file("node.key"), clients), false);
    }

    private TlsSettings settings(String certificate, String key, AuthClients clients) {
        return new TlsSettings(
                certificate,
                key,
                "",
                file("ca.crt"),
                "",
                clients,
                List.of(),
                List.of(),
                List.of(),
                false,
                TlsSettings.SessionCache.INITIAL,
                "");
    }

    private String file(String name) {
        return name.isEmpty() ? "" : folder + "/" + name;
    }

    private String info(String section) throws IOException {
        try (RawClient plain = gateway.connect()) {
            return plain.send("INFO " + section + "\r\nECHO end\r\n").readUntil("$3\r\nend\r\n");
        }
    }

    private static String ping(SSLContext context, int port) throws IOException {
        try (Client client = new Client(context, port, "TLSv1.3")) {
            return client.send("PING\r\n").read(7);
        }
    }

    private String whoAmI(TestAuthority.Issued who, int port) throws IOException {
        try (Client client = new Client(authority.client(who), port, "TLSv1.3")) {
            return client.send("ACL WHOAMI\r\nECHO end\r\n").readUntil("$3\r\nend\r\n");
        }
    }

    /** A socket with TLS. */
    private static final class Client implements AutoCloseable {

        private final SSLSocket socket;

        Client(SSLContext context, int port, String version) throws IOException {
            socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.setEnabledProtocols(new String[] {version});
            socket.startHandshake();
        }

        String suite() {
            return socket.getSession().getCipherSuite();
        }

        Client send(String bytes) throws IOException {
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            return this;
        }

        String read(int count) throws IOException {
            byte[] bytes = socket.getInputStream().readNBytes(count);
            if (bytes.length < count) {
                throw new IOException("closed after " + bytes.length + " bytes");
            }
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }

        String readUntil(String end) throws IOException {
            return RawClient.until(socket.getInputStream(), end);
        }

        /** Returns everything up to the end of TLS; a socket that ends before it is a fault. */
        String readToEnd() throws IOException {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            InputStream in = socket.getInputStream();
            in.transferTo(all);
            return all.toString(StandardCharsets.ISO_8859_1);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
