package io.kvasir.gateway.script;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.database.Databases;
import io.kvasir.gateway.type.HashValue;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.proto.key.Version;
import io.kvasir.region.Transaction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the libraries stand: a hash, field for field name and code, at a key of a database that no client can select.
 * So they are replicated, durable and part of a transaction like any other key, and whoever reads them sees what the
 * last FUNCTION LOAD left, wherever it ran. Bytes: {@code docs/keyspace.md}, "Functions".
 *
 * <p>Parsed libraries are kept by the version of the key, of which each write makes a new one (rule K20). Safe for any
 * thread.
 */
final class FunctionStore {

    /** The key of the libraries in {@link Databases#SYSTEM}. */
    static final byte[] KEY = "functions".getBytes(StandardCharsets.US_ASCII);

    /** Bytes of the code of all libraries. */
    static final long BYTES_MAX = 16L << 20;

    private static final CommandError TOO_LARGE =
            new CommandError("ERR the libraries are larger than " + BYTES_MAX + " bytes in all");

    /** Versions of the libraries that are kept parsed: the last, and what transactions under way have read. */
    private static final int VERSIONS_MAX = 4;

    /** Guarded by this. */
    private final LinkedHashMap<Version, Functions> byVersion = new LinkedHashMap<>();

    /** Reads all libraries. */
    Functions read(Transaction transaction) throws CommandError {
        HashValue hash = HashValue.open(Keyspace.of(transaction, Databases.SYSTEM), KEY);
        if (hash.size() == 0) {
            return Functions.NONE;
        }
        Version version = transaction.version(hash.entry().rootKey());
        Functions known = find(version);
        if (known != null) {
            return known;
        }
        List<byte[]> codes = new ArrayList<>();
        hash.forEach((_, code) -> codes.add(code));
        List<FunctionLibrary> libraries = new ArrayList<>();
        for (byte[] code : codes) {
            libraries.add(FunctionLibrary.load(FunctionLibrary.Header.of(code), code));
        }
        return keep(version, Functions.of(libraries));
    }

    private synchronized @Nullable Functions find(Version version) {
        return byVersion.get(version);
    }

    private synchronized Functions keep(Version version, Functions functions) {
        byVersion.put(version, functions);
        Iterator<Map.Entry<Version, Functions>> oldest = byVersion.entrySet().iterator();
        while (byVersion.size() > VERSIONS_MAX) {
            oldest.next();
            oldest.remove();
        }
        return functions;
    }

    /**
     * Makes the libraries those of {@code after}, which were those of {@code before}.
     *
     * @throws CommandError if they are too large; nothing is written then
     */
    void write(Transaction transaction, Functions before, Functions after) throws CommandError {
        long bytes = 0;
        List<byte[]> names = new ArrayList<>();
        List<byte[]> codes = new ArrayList<>();
        for (FunctionLibrary library : after.libraries()) {
            bytes += library.code().length;
            if (before.library(library.name()) != library) {
                names.add(bytes(library.name()));
                codes.add(library.code());
            }
        }
        if (bytes > BYTES_MAX) {
            throw TOO_LARGE;
        }
        HashValue hash = HashValue.open(Keyspace.of(transaction, Databases.SYSTEM), KEY);
        hash.claim(names.toArray(byte[][]::new), codes.toArray(byte[][]::new));
        for (FunctionLibrary library : before.libraries()) {
            if (after.library(library.name()) == null) {
                hash.remove(bytes(library.name()));
            }
        }
        for (int i = 0; i < names.size(); i++) {
            hash.put(names.get(i), codes.get(i));
        }
        hash.store();
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.US_ASCII);
    }
}
