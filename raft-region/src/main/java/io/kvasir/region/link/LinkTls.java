package io.kvasir.region.link;

import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.kvasir.region.tls.NodeIdentity;
import java.io.IOException;

/**
 * The TLS of a link's two directions, with Java's own implementation. A session is not resumed, so that a peer's
 * certificate is checked whenever it connects.
 */
record LinkTls(SslContext server, SslContext client) {

    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    /** Java takes 0 for "no bound"; so these are the smallest there are: one session, for one second. */
    private static final long SESSIONS = 1;

    private static final long SESSION_SECONDS = 1;

    static LinkTls of(NodeIdentity identity) throws IOException {
        return new LinkTls(
                built(SslContextBuilder.forServer(identity.keys()).clientAuth(ClientAuth.REQUIRE), identity),
                built(SslContextBuilder.forClient().keyManager(identity.keys()), identity));
    }

    private static SslContext built(SslContextBuilder builder, NodeIdentity identity) throws IOException {
        return GrpcSslContexts.configure(builder, SslProvider.JDK)
                .trustManager(identity.trust())
                .protocols(PROTOCOLS)
                .sessionCacheSize(SESSIONS)
                .sessionTimeout(SESSION_SECONDS)
                .build();
    }
}
