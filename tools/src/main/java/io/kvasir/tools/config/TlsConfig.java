package io.kvasir.tools.config;

import java.nio.file.Path;

/**
 * The fields of [tls]. Files are absolute paths, all texts are empty where not given.
 *
 * @param port of the Redis protocol over TLS, 0 for none
 * @param cluster whether nodes speak TLS with each other
 * @param clusterName name that a node's certificate must carry, empty for any
 * @param authClients yes, no or optional
 * @param authClientsUser off or cn
 */
public record TlsConfig(
        int port,
        boolean cluster,
        String clusterName,
        String certFile,
        String keyFile,
        String keyFilePass,
        String caCertFile,
        String caCertDir,
        String authClients,
        String authClientsUser,
        String protocols,
        String ciphers,
        String ciphersuites,
        boolean preferServerCiphers) {

    static TlsConfig of(ConfigValues values, Path folder) {
        return new TlsConfig(
                values.get(ConfigTable.TLS_PORT).intValue(),
                values.get(ConfigTable.TLS_CLUSTER),
                values.get(ConfigTable.TLS_CLUSTER_NAME),
                file(folder, values.get(ConfigTable.TLS_CERT_FILE)),
                file(folder, values.get(ConfigTable.TLS_KEY_FILE)),
                values.get(ConfigTable.TLS_KEY_FILE_PASS),
                file(folder, values.get(ConfigTable.TLS_CA_CERT_FILE)),
                file(folder, values.get(ConfigTable.TLS_CA_CERT_DIR)),
                values.get(ConfigTable.TLS_AUTH_CLIENTS),
                values.get(ConfigTable.TLS_AUTH_CLIENTS_USER),
                values.get(ConfigTable.TLS_PROTOCOLS),
                values.get(ConfigTable.TLS_CIPHERS),
                values.get(ConfigTable.TLS_CIPHERSUITES),
                values.get(ConfigTable.TLS_PREFER_SERVER_CIPHERS));
    }

    private static String file(Path folder, String given) {
        return given.isEmpty() ? "" : folder.resolve(given).normalize().toString();
    }

    /** Returns whether anybody speaks TLS with this node. */
    public boolean isUsed() {
        return port > 0 || cluster;
    }

    /** Returns whether every client must show a certificate of the CA. */
    public boolean requiresCertificates() {
        return authClients.equals("yes");
    }

    /** Shows no password. */
    @Override
    public String toString() {
        return "TlsConfig[port=" + port + ", cluster=" + cluster + ", certFile=" + certFile + ", authClients="
                + authClients + "]";
    }
}
