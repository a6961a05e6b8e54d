package io.kvasir.region.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * What a node shows the others and asks of them: its certificate as it is now, and one of the CA as that is now. A
 * certificate belongs to a node if it carries the name of nodes, where one is set; under which address a node is
 * reached is not looked at, since the stores' greeting says which node it is and addresses change.
 *
 * <p>Safe for any thread. A handshake during which the files change may fail; the link then tries again.
 */
public final class NodeIdentity {

    private static final int DNS_NAME = 2;

    private final LiveTls live;

    /** @param live has a CA */
    public NodeIdentity(LiveTls live) {
        this.live = live;
    }

    public X509ExtendedKeyManager keys() {
        return new Keys();
    }

    public X509ExtendedTrustManager trust() {
        return new Trust();
    }

    private X509ExtendedTrustManager authority() throws CertificateException {
        return live.material().trust().orElseThrow(() -> new CertificateException("there is no CA to ask"));
    }

    private void requireNode(X509Certificate[] chain) throws CertificateException {
        String wanted = live.settings().nodeName();
        if (!wanted.isEmpty() && !names(chain[0]).contains(wanted)) {
            throw new CertificateException("the certificate does not carry the name of nodes, " + wanted);
        }
    }

    /** Returns the common names and the DNS names of {@code certificate}. */
    static List<String> names(X509Certificate certificate) throws CertificateException {
        List<String> names = new java.util.ArrayList<>();
        try {
            new LdapName(certificate.getSubjectX500Principal().getName())
                    .getRdns().stream()
                            .filter(each -> each.getType().equalsIgnoreCase("CN"))
                            .forEach(each -> names.add(each.getValue().toString()));
        } catch (InvalidNameException odd) {
            throw new CertificateException("the certificate's subject cannot be read", odd);
        }
        var alternatives = certificate.getSubjectAlternativeNames();
        if (alternatives != null) {
            for (List<?> each : alternatives) {
                if (each.getFirst().equals(DNS_NAME)) {
                    names.add(each.get(1).toString());
                }
            }
        }
        return names;
    }

    private final class Keys extends X509ExtendedKeyManager {

        private X509ExtendedKeyManager now() {
            return live.material().keys();
        }

        @Override
        public String @Nullable [] getClientAliases(String kind, Principal @Nullable [] issuers) {
            return now().getClientAliases(kind, issuers);
        }

        /** Shows the one certificate there is, whichever issuers the peer says it knows. */
        @Override
        public @Nullable String chooseClientAlias(
                String[] kinds, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return now().chooseClientAlias(kinds, null, socket);
        }

        @Override
        public @Nullable String chooseEngineClientAlias(
                String[] kinds, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return now().chooseEngineClientAlias(kinds, null, engine);
        }

        @Override
        public String @Nullable [] getServerAliases(String kind, Principal @Nullable [] issuers) {
            return now().getServerAliases(kind, issuers);
        }

        @Override
        public @Nullable String chooseServerAlias(
                String kind, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return now().chooseServerAlias(kind, issuers, socket);
        }

        @Override
        public @Nullable String chooseEngineServerAlias(
                String kind, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return now().chooseEngineServerAlias(kind, issuers, engine);
        }

        @Override
        public X509Certificate @Nullable [] getCertificateChain(String alias) {
            return now().getCertificateChain(alias);
        }

        @Override
        public @Nullable PrivateKey getPrivateKey(String alias) {
            return now().getPrivateKey(alias);
        }
    }

    private final class Trust extends X509ExtendedTrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind) throws CertificateException {
            authority().checkClientTrusted(chain, kind);
            requireNode(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind) throws CertificateException {
            authority().checkServerTrusted(chain, kind);
            requireNode(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, @Nullable Socket socket)
                throws CertificateException {
            checkClientTrusted(chain, kind);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, @Nullable Socket socket)
                throws CertificateException {
            checkServerTrusted(chain, kind);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, @Nullable SSLEngine engine)
                throws CertificateException {
            checkClientTrusted(chain, kind);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, @Nullable SSLEngine engine)
                throws CertificateException {
            checkServerTrusted(chain, kind);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return live.material()
                    .trust()
                    .map(X509ExtendedTrustManager::getAcceptedIssuers)
                    .orElseGet(() -> new X509Certificate[0]);
        }
    }
}
