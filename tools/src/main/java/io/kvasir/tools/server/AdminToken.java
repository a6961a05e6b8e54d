package io.kvasir.tools.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * What a person must know to change anything over HTTP: a file in the node's data directory that only its user can
 * read. Whoever can read that can do worse. Immutable.
 */
final class AdminToken {

    /** The file, in the first data directory of a node. */
    static final String FILE = "admin.token";

    private static final int BYTES = 24;

    private final byte[] token;

    private AdminToken(byte[] token) {
        this.token = token;
    }

    /**
     * Returns the token in {@code directory}, drawn by chance and written if there is none.
     *
     * @throws IOException if it can be neither read nor written
     */
    static AdminToken of(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        if (!Files.exists(file) || Files.size(file) == 0) {
            byte[] drawn = new byte[BYTES];
            new SecureRandom().nextBytes(drawn);
            Path whole = directory.resolve(FILE + ".new");
            Files.deleteIfExists(whole);
            Files.createFile(whole, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(whole, HexFormat.of().formatHex(drawn) + "\n");
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        return new AdminToken(Files.readString(file).strip().getBytes(StandardCharsets.UTF_8));
    }

    /** Returns whether {@code given} is the token, in the same time whatever it is. */
    boolean is(String given) {
        return token.length > 0 && MessageDigest.isEqual(token, given.getBytes(StandardCharsets.UTF_8));
    }
}
