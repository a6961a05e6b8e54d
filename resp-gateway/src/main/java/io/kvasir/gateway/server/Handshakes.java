package io.kvasir.gateway.server;

import io.kvasir.region.tls.LiveTls;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * The TLS handshakes of a gateway: each is bounded in time, all together in number, and the arithmetic of signatures is
 * done by threads of their own, so that no client waits for another one's handshake. A thread has at most one task for
 * each connection, so that the queue is bounded by the connections.
 *
 * <p>Safe for any thread.
 */
final class Handshakes implements AutoCloseable {

    /** Handshakes that may be under way at once; more connections are closed. */
    static final int PENDING_MAX = 1_000;

    /** How long a handshake may take, milliseconds. */
    static final long MILLIS_MAX = 10_000;

    /** How long the end of a client's stream is waited for after ours was sent, milliseconds. */
    private static final long CLOSE_MILLIS_MAX = 1_000;

    private static final int THREADS = 2;

    private final AtomicInteger pending = new AtomicInteger();
    private final ExecutorService arithmetic = Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().daemon().name("kvasir-tls-", 0).factory());

    /** Puts TLS between {@code channel}'s socket and what stands behind; null if too many handshakes are under way. */
    @Nullable
    SslHandler begin(Channel channel, LiveTls tls) {
        if (pending.incrementAndGet() > PENDING_MAX) {
            pending.decrementAndGet();
            return null;
        }
        SslHandler handler = new SslHandler(tls.serverEngine(), arithmetic);
        handler.setHandshakeTimeoutMillis(MILLIS_MAX);
        handler.setCloseNotifyFlushTimeoutMillis(CLOSE_MILLIS_MAX);
        channel.pipeline().addLast(handler);
        handler.handshakeFuture().addListener(_ -> pending.decrementAndGet());
        return handler;
    }

    /** Returns how many handshakes are under way. */
    int pending() {
        return pending.get();
    }

    /**
     * Returns the common name of the certificate that the client has shown, one char a byte of UTF-8; empty if it has
     * shown none, or one without a name. Of several names it is the first in the certificate, as for OpenSSL.
     */
    static Optional<String> commonName(SslHandler handler) {
        try {
            Certificate[] chain = handler.engine().getSession().getPeerCertificates();
            if (chain.length == 0 || !(chain[0] instanceof X509Certificate certificate)) {
                return Optional.empty();
            }
            LdapName name = new LdapName(certificate.getSubjectX500Principal().getName());
            for (Rdn each : name.getRdns()) {
                NamingEnumeration<? extends Attribute> attributes =
                        each.toAttributes().getAll();
                while (attributes.hasMore()) {
                    Attribute attribute = attributes.next();
                    if (attribute.getID().equalsIgnoreCase("CN") && attribute.get() instanceof String text) {
                        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                        return Optional.of(new String(bytes, StandardCharsets.ISO_8859_1));
                    }
                }
            }
            return Optional.empty();
        } catch (SSLPeerUnverifiedException | NamingException none) {
            return Optional.empty();
        }
    }

    /** Ends the threads once the connections are closed. */
    @Override
    public void close() {
        arithmetic.shutdown();
        try {
            if (!arithmetic.awaitTermination(CLOSE_MILLIS_MAX, TimeUnit.MILLISECONDS)) {
                arithmetic.shutdownNow();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
