package io.kvasir.region.tls;

import io.kvasir.region.tls.TlsSettings.AuthClients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * One state of certificate, key and CAs, read from their files, whole or not at all. Immutable but for the sessions
 * that clients may resume, which end with it. Safe for any thread.
 */
final class TlsMaterial {

    /** Files of a directory of CAs that are read; more are refused. */
    private static final int CA_FILES_MAX = 1_000;

    private static final List<String> PROTOCOLS = List.of("TLSv1.2", "TLSv1.3");
    private static final List<String> BROKEN = List.of("TLSv1", "TLSv1.1");
    private static final String ALIAS = "node";
    private static final char[] IN_MEMORY = {};

    private final TlsSettings settings;
    private final SSLContext context;
    private final X509ExtendedKeyManager keys;
    private final Optional<X509ExtendedTrustManager> trust;
    private final SSLParameters parameters;

    private TlsMaterial(
            TlsSettings settings,
            SSLContext context,
            X509ExtendedKeyManager keys,
            Optional<X509ExtendedTrustManager> trust,
            SSLParameters parameters) {
        this.settings = settings;
        this.context = context;
        this.keys = keys;
        this.trust = trust;
        this.parameters = parameters;
    }

    /**
     * Reads what {@code settings} name. Waits for the disk.
     *
     * @param caNeeded whether peers are checked for other reasons than what clients are asked for
     * @throws TlsException in one line
     */
    static TlsMaterial read(TlsSettings settings, boolean caNeeded) throws TlsException {
        if (settings.certFile().isEmpty()) {
            throw new TlsException("No tls-cert-file configured!");
        }
        if (settings.keyFile().isEmpty()) {
            throw new TlsException("No tls-key-file configured!");
        }
        boolean noCa =
                settings.caCertFile().isEmpty() && settings.caCertDirectory().isEmpty();
        if (noCa && (caNeeded || settings.authClients() != AuthClients.NO)) {
            throw new TlsException("Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster"
                    + " or tls-auth-clients are enabled!");
        }
        List<X509Certificate> chain = certificates("certificate", settings.certFile());
        PrivateKey key = key(settings);
        requirePair(settings, chain.getFirst(), key);
        try {
            X509ExtendedKeyManager keys = keys(chain, key);
            Optional<X509ExtendedTrustManager> trust = noCa ? Optional.empty() : Optional.of(trust(settings));
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {keys}, trust.stream().toArray(TrustManager[]::new), null);
            return new TlsMaterial(settings, context, keys, trust, parameters(settings, context));
        } catch (GeneralSecurityException | IOException refused) {
            if (refused instanceof TlsException exact) {
                throw exact;
            }
            throw new TlsException("TLS cannot be set up: " + refused.getMessage());
        }
    }

    /** Returns the server's end of a connection with a client. */
    SSLEngine serverEngine() {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        engine.setSSLParameters(parameters);
        return engine;
    }

    SSLSocketFactory clientSockets() {
        return context.getSocketFactory();
    }

    X509ExtendedKeyManager keys() {
        return keys;
    }

    Optional<X509ExtendedTrustManager> trust() {
        return trust;
    }

    TlsSettings settings() {
        return settings;
    }

    private static List<X509Certificate> certificates(String what, String file) throws TlsException {
        try {
            return PemFile.read(Path.of(file)).certificates();
        } catch (TlsException refused) {
            throw new TlsException("Failed to load " + what + ": " + file + ": " + refused.getMessage());
        }
    }

    private static PrivateKey key(TlsSettings settings) throws TlsException {
        try {
            return PrivateKeys.of(PemFile.read(Path.of(settings.keyFile())), settings.keyPassword());
        } catch (TlsException refused) {
            throw new TlsException("Failed to load private key: " + settings.keyFile() + ": " + refused.getMessage());
        }
    }

    /** Signs something with {@code key} and checks it with the certificate, whatever kind they are of. */
    private static void requirePair(TlsSettings settings, X509Certificate certificate, PrivateKey key)
            throws TlsException {
        PublicKey known = certificate.getPublicKey();
        String algorithm =
                switch (known.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> known.getAlgorithm();
                };
        boolean pair;
        try {
            byte[] text = {'k', 'v', 'a', 's', 'i', 'r'};
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(text);
            byte[] signed = signer.sign();
            signer.initVerify(known);
            signer.update(text);
            pair = signer.verify(signed);
        } catch (GeneralSecurityException unlike) {
            pair = false;
        }
        if (!pair) {
            throw new TlsException("Failed to load private key: " + settings.keyFile()
                    + ": it is not the key of the certificate in " + settings.certFile());
        }
    }

    private static X509ExtendedKeyManager keys(List<X509Certificate> chain, PrivateKey key)
            throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        store.setKeyEntry(ALIAS, key, IN_MEMORY, chain.toArray(X509Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(store, IN_MEMORY);
        return (X509ExtendedKeyManager) factory.getKeyManagers()[0];
    }

    private static X509ExtendedTrustManager trust(TlsSettings settings) throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        List<X509Certificate> all = new ArrayList<>();
        if (!settings.caCertFile().isEmpty()) {
            all.addAll(certificates("CA certificate(s) file", settings.caCertFile()));
        }
        for (Path file : filesOf(settings.caCertDirectory())) {
            all.addAll(certificates("CA certificate(s) directory", file.toString()));
        }
        if (all.isEmpty()) {
            throw new TlsException("Failed to load CA certificate(s) directory: " + settings.caCertDirectory()
                    + ": holds no file *.pem, *.crt or *.0");
        }
        for (int i = 0; i < all.size(); i++) {
            store.setCertificateEntry("ca-" + i, all.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    }

    /** Returns the files of {@code directory} that may hold CAs, by name; none if it is not given. */
    static List<Path> filesOf(String directory) throws TlsException {
        if (directory.isEmpty()) {
            return List.of();
        }
        TreeMap<String, Path> files = new TreeMap<>();
        try (Stream<Path> entries = Files.list(Path.of(directory))) {
            entries.limit(CA_FILES_MAX + 1L)
                    .filter(file -> file.getFileName().toString().matches(".*\\.(pem|crt|[0-9])"))
                    .forEach(file -> files.put(file.getFileName().toString(), file));
        } catch (IOException unreadable) {
            throw new TlsException("Failed to load CA certificate(s) directory: " + directory + ": cannot be read");
        }
        if (files.size() > CA_FILES_MAX) {
            throw new TlsException("Failed to load CA certificate(s) directory: " + directory + ": holds more than "
                    + CA_FILES_MAX + " files");
        }
        return List.copyOf(files.values());
    }

    private static SSLParameters parameters(TlsSettings settings, SSLContext context) throws TlsException {
        SSLParameters parameters = context.getDefaultSSLParameters();
        List<String> protocols = settings.protocols().isEmpty() ? PROTOCOLS : settings.protocols();
        for (String protocol : protocols) {
            if (BROKEN.contains(protocol)) {
                throw new TlsException(
                        "tls-protocols names " + protocol + ", which is broken (RFC 8996) and not served");
            }
            if (!PROTOCOLS.contains(protocol)) {
                throw new TlsException(
                        "Invalid tls-protocols specified. Use a combination of 'TLSv1.2' and 'TLSv1.3'.");
            }
        }
        parameters.setProtocols(protocols.toArray(String[]::new));
        parameters.setCipherSuites(suites(settings, context).toArray(String[]::new));
        parameters.setUseCipherSuitesOrder(settings.preferServerCiphers());
        switch (settings.authClients()) {
            case NO -> parameters.setNeedClientAuth(false);
            case OPTIONAL -> parameters.setWantClientAuth(true);
            case YES -> parameters.setNeedClientAuth(true);
        }
        TlsSettings.SessionCache cache = settings.sessionCache();
        // Java takes 0 for "no bound"; one session of one second is as good as none.
        context.getServerSessionContext().setSessionCacheSize(cache.enabled() ? Math.max(1, cache.size()) : 1);
        context.getServerSessionContext().setSessionTimeout(cache.enabled() ? Math.max(1, cache.seconds()) : 1);
        return parameters;
    }

    private static List<String> suites(TlsSettings settings, SSLContext context) throws TlsException {
        List<String> initial = List.of(context.getDefaultSSLParameters().getCipherSuites());
        List<String> supported = List.of(context.getSupportedSSLParameters().getCipherSuites());
        List<String> newer = only(initial, true);
        List<String> older = only(initial, false);
        if (!settings.ciphersuites().isEmpty()) {
            newer = CipherNames.read("tls-ciphersuites", settings.ciphersuites(), newer, only(supported, true));
        }
        if (!settings.ciphers().isEmpty()) {
            older = CipherNames.read("tls-ciphers", settings.ciphers(), older, only(supported, false));
        }
        return Stream.concat(newer.stream(), older.stream()).toList();
    }

    /** Returns those of {@code suites} that are of TLS 1.3, or those that are not. */
    private static List<String> only(List<String> suites, boolean newer) {
        return suites.stream()
                .filter(suite -> !suite.endsWith("SCSV") && suite.contains("_WITH_") != newer)
                .toList();
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
