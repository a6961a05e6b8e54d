package io.kvasir.tools.transfer;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/**
 * A server as {@code redis://[[user]:password@]host[:port][/database]}.
 *
 * @param user empty for the default user
 * @param password empty for none
 * @param database empty for all of them
 */
record RedisAddress(String host, int port, String user, String password, Optional<Integer> database) {

    private static final int PORT = 6379;

    /**
     * Reads an address.
     *
     * @throws TransferException if {@code text} is none
     */
    static RedisAddress parse(String text) throws TransferException {
        try {
            URI uri = new URI(text);
            String host = uri.getHost();
            if (!"redis".equals(uri.getScheme()) || host == null || uri.getQuery() != null) {
                throw wrong();
            }
            String[] login = (uri.getUserInfo() == null ? ":" : uri.getUserInfo()).split(":", 2);
            String path = uri.getPath() == null ? "" : uri.getPath().replaceFirst("^/", "");
            if (!path.matches("\\d{0,4}")) {
                throw wrong();
            }
            return new RedisAddress(
                    host,
                    uri.getPort() < 0 ? PORT : uri.getPort(),
                    login.length == 2 ? login[0] : "",
                    login[login.length - 1],
                    path.isEmpty() ? Optional.empty() : Optional.of(Integer.parseInt(path)));
        } catch (URISyntaxException malformed) {
            throw wrong();
        }
    }

    /** Returns the address without the password. */
    String name() {
        return "redis://" + host + ":" + port
                + database.map(number -> "/" + number).orElse("");
    }

    private static TransferException wrong() {
        return new TransferException("an address is redis://[:password@]host[:port][/database]"); // no password in it
    }
}
