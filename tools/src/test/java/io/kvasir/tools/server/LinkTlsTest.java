package io.kvasir.tools.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.server.TestAuthority;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.AddressBook;
import io.kvasir.region.link.GrpcLink;
import io.kvasir.region.link.Link;
import io.kvasir.region.link.LinkSettings;
import io.kvasir.region.link.PeerListener;
import io.kvasir.region.tls.LiveTls;
import io.kvasir.region.tls.TlsSettings;
import io.kvasir.region.tls.TlsSettings.AuthClients;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links between nodes over TLS, in one process. */
final class LinkTlsTest {

    private static final int TIMEOUT_MILLIS = 5_000;
    private static final long WAIT_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.US_ASCII);

    /** How long one that may not come in tries; one that may is in after a fifth of it. */
    private static final long REFUSED_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final TestAuthority authority = new TestAuthority("the CA");
    private final AddressBook addresses = new AddressBook();
    private final List<GrpcLink> links = new ArrayList<>();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        links.forEach(GrpcLink::close);
    }

    @Test
    void nodesOfOneAuthorityTalk() throws IOException, InterruptedException {
        GrpcLink first = link(1, identity(authority, "node-1", ""));
        GrpcLink second = link(2, identity(authority, "node-2", ""));
        assertTrue(comesUp(first, 2));
        assertTrue(comesUp(second, 1));
        assertArrayEquals(HELLO, asked(first, 2));
        assertArrayEquals(HELLO, asked(second, 1));
    }

    @Test
    void nobodyTalksToOneWithoutACertificateOrWithAnothersOrOfAnotherName() throws IOException, InterruptedException {
        GrpcLink node = link(1, identity(authority, "kvasir-node", "kvasir-node"));
        GrpcLink peer = link(2, identity(authority, "kvasir-node", "kvasir-node"));
        GrpcLink plain = link(3, null);
        LiveTls forged = identity(new TestAuthority("the CA"), "kvasir-node", "");
        authority.write(folder.resolve("kvasir-node-ca.crt")); // it trusts the others, and shows what they do not
        assertTrue(forged.refresh());
        GrpcLink stranger = link(4, forged);
        GrpcLink client = link(5, identity(authority, "alice", ""));
        assertTrue(comesUp(node, 2));
        assertTrue(comesUp(peer, 1));
        for (GrpcLink other : List.of(plain, stranger, client)) {
            assertTrue(staysDown(other, 1), other.self() + " was let in");
            assertTrue(staysDown(node, other.self().value()), other.self() + " was called");
        }
        assertArrayEquals(HELLO, asked(node, 2));
    }

    @Test
    void aNewCertificateIsShownToTheNextConnection() throws IOException, InterruptedException {
        LiveTls changing = identity(authority, "old", "");
        GrpcLink first = link(1, changing);
        TestAuthority second = new TestAuthority("the second CA");
        Files.copy(second.write(folder.resolve("second.crt")), folder.resolve("copy.crt"));
        GrpcLink newer = link(2, identity(second, "newer", ""));
        assertTrue(staysDown(newer, 1));
        TestAuthority.write(second.issue("new"), folder, "old");
        second.write(folder.resolve("old-ca.crt"));
        assertTrue(changing.refresh());
        assertTrue(comesUp(newer, 1));
        assertTrue(comesUp(first, 2));
    }

    private LiveTls identity(TestAuthority signer, String name, String nodeName) throws IOException {
        TestAuthority.write(signer.issue(name), folder, name);
        Path ca = signer.write(folder.resolve(name + "-ca.crt"));
        return new LiveTls(
                new TlsSettings(
                        folder.resolve(name + ".crt").toString(),
                        folder.resolve(name + ".key").toString(),
                        "",
                        ca.toString(),
                        "",
                        AuthClients.NO,
                        List.of(),
                        List.of(),
                        List.of(),
                        false,
                        TlsSettings.SessionCache.INITIAL,
                        nodeName),
                true);
    }

    private GrpcLink link(long id, @Nullable LiveTls tls) throws IOException {
        LinkSettings settings = new LinkSettings(new StoreId(id), "test", "127.0.0.1", 0);
        PeerListener listener = (_, _) -> {};
        GrpcLink link = tls == null
                ? GrpcLink.open(settings, addresses, System::nanoTime, listener)
                : GrpcLink.openTls(settings, addresses, System::nanoTime, listener, tls);
        link.serve(Link.Channel.COMMAND, (from, request, reply) -> reply.accept(request));
        addresses.put(new StoreId(id), new AddressBook.Address("127.0.0.1", link.port()));
        links.add(link);
        return link;
    }

    private static boolean comesUp(GrpcLink from, long to) {
        long begin = System.nanoTime();
        while (!from.isUp(new StoreId(to))) {
            if (System.nanoTime() - begin > WAIT_NANOS_MAX) {
                return false;
            }
            LockSupport.parkNanos(1_000_000);
        }
        return true;
    }

    /** Returns whether nothing that {@code from} tries gets an answer from {@code to}. */
    private static boolean staysDown(GrpcLink from, long to) throws InterruptedException {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < REFUSED_NANOS) {
            if (from.isUp(new StoreId(to)) || asked(from, to) != null) {
                return false;
            }
            LockSupport.parkNanos(20_000_000);
        }
        return true;
    }

    private static byte @Nullable [] asked(GrpcLink from, long to) throws InterruptedException {
        BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();
        from.send(
                new StoreId(to),
                Link.Channel.COMMAND,
                HELLO,
                TIMEOUT_MILLIS,
                (response, failure) -> answers.add(response == null ? new byte[0] : response));
        byte[] answer = answers.poll(2L * TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
        assertNotNull(answer);
        return answer.length == 0 ? null : answer;
    }
}
