package io.kvasir.region.tls;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The names of cipher suites: Java knows those of the RFCs, Redis' configuration has those of OpenSSL, where <code>
 * ECDHE-RSA-AES128-GCM-SHA256</code> is TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256. Stateless.
 */
final class CipherNames {

    private CipherNames() {}

    /**
     * Returns the suites that {@code names} mean, in their order.
     *
     * @param names in either form; <code>DEFAULT</code> stands for all of {@code initial}, <code>!NAME</code> takes one
     *     away
     * @param supported all that Java has
     * @throws TlsException if one is unknown or none is left
     */
    static List<String> read(String setting, List<String> names, List<String> initial, List<String> supported)
            throws TlsException {
        Map<String, String> known = new LinkedHashMap<>();
        for (String suite : supported) {
            known.put(suite, suite);
            known.put(openSslName(suite), suite);
        }
        List<String> suites = new ArrayList<>();
        for (String name : names) {
            boolean less = name.startsWith("!");
            String suite = known.get(less ? name.substring(1) : name);
            if (name.equals("DEFAULT")) {
                initial.stream().filter(each -> !suites.contains(each)).forEach(suites::add);
            } else if (suite == null) {
                throw new TlsException("Failed to configure ciphers: " + setting + " names '" + name
                        + "', which is no suite of this Java; DEFAULT, names of suites and !NAME are understood");
            } else if (less) {
                suites.remove(suite);
            } else if (!suites.contains(suite)) {
                suites.add(suite);
            }
        }
        if (suites.isEmpty()) {
            throw new TlsException("Failed to configure ciphers: " + setting + " leaves none");
        }
        return suites;
    }

    static String openSslName(String suite) {
        String name = suite.startsWith("TLS_") ? suite.substring("TLS_".length()) : suite;
        if (!name.contains("_WITH_")) {
            return suite; // of TLS 1.3, whose names are everybody's
        }
        name = name.replace("_WITH_", "-")
                .replace("AES_128", "AES128")
                .replace("AES_256", "AES256")
                .replace("CHACHA20_POLY1305_SHA256", "CHACHA20-POLY1305")
                .replace("_CBC", "")
                .replace('_', '-');
        return name.startsWith("RSA-") ? name.substring("RSA-".length()) : name;
    }
}
