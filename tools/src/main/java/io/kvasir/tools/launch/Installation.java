package io.kvasir.tools.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where the program itself is.
 *
 * @param root the clone of the repository or the unpacked archive
 * @param classPath all jars of the server
 * @param natives the folder with RocksDB's native library
 * @param cacheFile where classes prepared for a fast start are, or would be
 * @param serverMain the main class of a node
 */
public record Installation(Path root, String classPath, Path natives, Path cacheFile, String serverMain) {

    private static final String SERVER_MAIN = "io.kvasir.tools.server.ServerMain";

    /**
     * Returns the one that this process was started from: system properties {@code kvasir.root} and {@code kvasir.lib}.
     */
    static Installation current() {
        Path lib = Path.of(property("kvasir.lib"));
        Path home = lib.toAbsolutePath().resolve("..").normalize();
        try (Stream<Path> jars = Files.list(lib)) {
            String classPath = jars.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .map(Path::toString)
                    .collect(Collectors.joining(":"));
            return new Installation(
                    Path.of(property("kvasir.root")),
                    classPath,
                    home.resolve("native"),
                    home.resolve("kvasir.aot"),
                    SERVER_MAIN);
        } catch (IOException absent) {
            throw new LaunchException(lib + ": there are no jars (" + absent.getMessage() + ")");
        }
    }

    /** Returns the cache of prepared classes, empty if there is none. */
    public Optional<Path> cache() {
        return Optional.of(cacheFile).filter(Files::isRegularFile);
    }

    private static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new LaunchException("start this with ./kvasir, which sets " + name);
        }
        return value;
    }
}
