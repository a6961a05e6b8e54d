package io.kvasir.tools.server;

import io.kvasir.region.time.Timer;
import io.kvasir.region.tls.LiveTls;
import io.kvasir.region.tls.TlsException;
import io.kvasir.region.tls.TlsSettings;
import io.kvasir.tools.config.TlsConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * The TLS of a node, for its clients and its peers: made of the configuration at the start, then of CONFIG SET, and of
 * the files as they change. Without TLS there is none, and the settings are only remembered. Safe for any thread.
 */
final class NodeTls {

    private final TlsConfig config;
    private final @Nullable LiveTls live;

    /**
     * Reads the files that {@code config} names, if TLS is used.
     *
     * @throws TlsException in one line, if TLS cannot be made of them
     */
    NodeTls(TlsConfig config) throws TlsException {
        this.config = config;
        Map<String, String> initial = settings(config);
        live = config.isUsed() ? new LiveTls(read(name -> initial.getOrDefault(name, "")), config.cluster()) : null;
    }

    /** Begins to look at the files again and again; each time a thread of its own waits for the disk. */
    void follow(Timer timer) {
        LiveTls own = live;
        if (own != null) {
            timer.after(
                    LiveTls.LOOK_MILLIS,
                    () -> Thread.ofPlatform().name("kvasir-tls-files").daemon().start(() -> {
                        own.refresh();
                        follow(timer);
                    }));
        }
    }

    /** Returns what connections of clients are made with; there must be TLS. */
    LiveTls require() {
        return Objects.requireNonNull(live, "tls.port");
    }

    /** Returns what the link between nodes is made with; empty if that is plain. */
    Optional<LiveTls> ofPeers() {
        return config.cluster() ? Optional.ofNullable(live) : Optional.empty();
    }

    /** Returns what makes sockets to targets of MIGRATE; null if they are plain, as where nodes speak plainly. */
    @Nullable
    SSLSocketFactory ofTargets() {
        return ofPeers().map(LiveTls::clientSockets).orElse(null);
    }

    /**
     * Uses what CONFIG SET says. Waits for the disk.
     *
     * @throws TlsException if it cannot be used; then nothing has changed
     */
    void change(UnaryOperator<String> value) throws TlsException {
        LiveTls own = live;
        if (own != null) {
            own.change(read(value));
        }
    }

    /** Returns the settings of Redis that {@code config} gives, by name. */
    static Map<String, String> settings(TlsConfig config) {
        Map<String, String> settings = new HashMap<>();
        settings.put("tls-port", Integer.toString(config.port()));
        settings.put("tls-cluster", yesOrNo(config.cluster()));
        settings.put("tls-cert-file", config.certFile());
        settings.put("tls-key-file", config.keyFile());
        settings.put("tls-key-file-pass", config.keyFilePass());
        settings.put("tls-ca-cert-file", config.caCertFile());
        settings.put("tls-ca-cert-dir", config.caCertDir());
        settings.put("tls-auth-clients", config.authClients());
        settings.put("tls-auth-clients-user", config.authClientsUser());
        settings.put("tls-protocols", config.protocols());
        settings.put("tls-ciphers", config.ciphers());
        settings.put("tls-ciphersuites", config.ciphersuites());
        settings.put("tls-prefer-server-ciphers", yesOrNo(config.preferServerCiphers()));
        return settings;
    }

    private TlsSettings read(UnaryOperator<String> value) {
        return new TlsSettings(
                value.apply("tls-cert-file"),
                value.apply("tls-key-file"),
                value.apply("tls-key-file-pass"),
                value.apply("tls-ca-cert-file"),
                value.apply("tls-ca-cert-dir"),
                TlsSettings.AuthClients.of(value.apply("tls-auth-clients")),
                TlsSettings.words(value.apply("tls-protocols"), " "),
                TlsSettings.words(value.apply("tls-ciphers"), ":, "),
                TlsSettings.words(value.apply("tls-ciphersuites"), ":, "),
                value.apply("tls-prefer-server-ciphers").equals("yes"),
                cache(value),
                config.clusterName());
    }

    /** Returns how sessions are kept; at the start nothing is said of it, and it is as in Redis. */
    private static TlsSettings.SessionCache cache(UnaryOperator<String> value) {
        if (value.apply("tls-session-caching").isEmpty()) {
            return TlsSettings.SessionCache.INITIAL;
        }
        return new TlsSettings.SessionCache(
                value.apply("tls-session-caching").equals("yes"),
                Integer.parseInt(value.apply("tls-session-cache-size")),
                Integer.parseInt(value.apply("tls-session-cache-timeout")));
    }

    private static String yesOrNo(boolean is) {
        return is ? "yes" : "no";
    }
}
