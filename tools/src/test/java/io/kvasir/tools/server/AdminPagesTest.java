package io.kvasir.tools.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may ask what over HTTP. */
final class AdminPagesTest {

    private static final List<String> HOSTS = AdminPages.hosts(8379);
    private static final Optional<String> HERE = Optional.of("127.0.0.1:8379");
    private static final Optional<String> NONE = Optional.empty();

    @TempDir
    private Path directory;

    @Test
    void theTokenIsDrawnOnceAndReadableToItsUserAlone() throws IOException {
        AdminToken token = AdminToken.of(directory);
        Path file = directory.resolve(AdminToken.FILE);
        String text = Files.readString(file).strip();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertTrue(token.is(text));
        assertFalse(token.is(""));
        assertFalse(token.is(text.substring(1)));
        assertTrue(AdminToken.of(directory).is(text), "the same after a restart");
    }

    @Test
    void whatABrowserCarriesHereFromElsewhereIsRefused() throws IOException {
        AdminToken token = AdminToken.of(directory);
        Optional<String> bearer = Optional.of(
                "Bearer " + Files.readString(directory.resolve(AdminToken.FILE)).strip());
        Optional<String> own = Optional.of("http://127.0.0.1:8379");
        Optional<String> foreign = Optional.of("http://elsewhere");
        assertFalse(isRefused(Optional.of("localhost:8379"), NONE, NONE, false, token));
        assertFalse(isRefused(HERE, own, NONE, false, token));
        assertFalse(isRefused(HERE, NONE, bearer, true, token));
        assertTrue(isRefused(HERE, foreign, bearer, true, token));
        assertTrue(isRefused(Optional.of("elsewhere:8379"), NONE, NONE, false, token), "a name that leads here");
        assertTrue(isRefused(NONE, NONE, NONE, false, token));
        assertTrue(isRefused(HERE, NONE, NONE, true, token), "a change without a token");
        assertTrue(isRefused(HERE, NONE, Optional.of("Bearer x"), true, token));
    }

    private static boolean isRefused(
            Optional<String> host,
            Optional<String> origin,
            Optional<String> authorization,
            boolean change,
            AdminToken token) {
        return AdminPages.objection(HOSTS, host, origin, authorization, change, token)
                .isPresent();
    }
}
