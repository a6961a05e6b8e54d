package io.kvasir.tools.process;

import io.kvasir.tools.launch.Installation;
import io.kvasir.tools.launch.Kvasir;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;

/** The launcher that users have as a process of its own, whose nodes run from the classes of this build. */
public final class ClassPathLauncher {

    private static final String ROCKSDB_LIBRARY = System.getProperty("os.arch").equals("aarch64")
            ? "librocksdbjni-linux-aarch64.so"
            : "librocksdbjni-linux64.so";

    private ClassPathLauncher() {}

    /** Runs the launcher: the first argument is the folder of {@link #command}, the others are the launcher's. */
    public static void main(String[] arguments) {
        List<String> all = List.of(arguments);
        Path folder = Path.of(all.getFirst());
        Installation installation = new Installation(
                folder,
                System.getProperty("java.class.path"),
                folder.resolve("native"),
                folder.resolve("no-cache"),
                "io.kvasir.tools.server.ServerMain");
        System.exit(Kvasir.run(all.subList(1, all.size()), () -> installation, System.out, System.err));
    }

    /** Returns the command to which the launcher's arguments are added; native libraries go into {@code folder}. */
    public static List<String> command(Path folder) {
        try {
            unpackRocksDb(Files.createDirectories(folder.resolve("native")));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                ClassPathLauncher.class.getName(),
                folder.toString());
    }

    static void unpackRocksDb(Path folder) throws IOException {
        for (String entry : System.getProperty("java.class.path").split(":")) {
            if (Path.of(entry).getFileName().toString().startsWith("rocksdbjni-")) {
                try (JarFile jar = new JarFile(entry);
                        InputStream library = jar.getInputStream(jar.getJarEntry(ROCKSDB_LIBRARY))) {
                    Files.copy(library, folder.resolve(ROCKSDB_LIBRARY));
                }
            }
        }
    }
}
