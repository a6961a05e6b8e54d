package io.kvasir.region.tls;

import java.util.List;
import java.util.Locale;

/**
 * What TLS is made of, under the names that Redis gives it (<code>tls-cert-file</code> and so on). Texts may be empty
 * where not given.
 *
 * @param certFile PEM: the certificate of this node, then those between it and the CA
 * @param keyFile PEM: its private key
 * @param keyPassword opens an encrypted key
 * @param caCertFile PEM: the certificates of the CAs that peers are checked against
 * @param caCertDirectory a directory of such files
 * @param authClients whether clients must show a certificate
 * @param protocols versions of TLS; empty: 1.2 and 1.3
 * @param ciphers suites of TLS 1.2, in OpenSSL's or the RFCs' names; empty: Java's own choice
 * @param ciphersuites suites of TLS 1.3; empty: Java's own choice
 * @param preferServerCiphers whether the order of the suites here decides
 * @param nodeName name that the certificate of every node must carry; empty: any of the CA's will do
 */
public record TlsSettings(
        String certFile,
        String keyFile,
        String keyPassword,
        String caCertFile,
        String caCertDirectory,
        AuthClients authClients,
        List<String> protocols,
        List<String> ciphers,
        List<String> ciphersuites,
        boolean preferServerCiphers,
        SessionCache sessionCache,
        String nodeName) {

    /** Whether clients must show a certificate of a known CA. */
    public enum AuthClients {
        NO,
        OPTIONAL,
        YES;

        /** Returns what {@code word} means, "no", "optional" or "yes". */
        public static AuthClients of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /** Sessions that clients may resume: how many, and for how long. */
    public record SessionCache(boolean enabled, int size, int seconds) {

        /** As in Redis where nothing else is said. */
        public static final SessionCache INITIAL = new SessionCache(true, 20_480, 300);
    }

    public TlsSettings {
        protocols = List.copyOf(protocols);
        ciphers = List.copyOf(ciphers);
        ciphersuites = List.copyOf(ciphersuites);
    }

    /** Returns the words of {@code text} between any of {@code separators}. */
    public static List<String> words(String text, String separators) {
        return List.of(text.split("[" + separators + "]+", -1)).stream()
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** Shows no password. */
    @Override
    public String toString() {
        return "TlsSettings[certFile=" + certFile + ", keyFile=" + keyFile + ", caCertFile=" + caCertFile
                + ", caCertDirectory=" + caCertDirectory + ", authClients=" + authClients + "]";
    }
}
