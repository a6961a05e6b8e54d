package io.kvasir.tools.process;

import io.kvasir.tools.launch.Installation;
import io.kvasir.tools.launch.Kvasir;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The program as this build has it, laid out as users have it: modules as jars, RocksDB's library unpacked, and the
 * cache of loaded classes with which a node starts in less than half the time. Made when the first test asks for it,
 * and kept beside the classes of the tests for those that come later, until the classes change.
 *
 * <p>Safe for any thread, and for several processes.
 */
public final class BuiltProgram {

    private static final String SERVER_MAIN = "io.kvasir.tools.server.ServerMain";
    private static final String FOLDER_PREFIX = "program-";
    private static final String COMPLETE = "complete";
    private static final String ROCKSDB_LIBRARY = System.getProperty("os.arch").equals("aarch64")
            ? "librocksdbjni-linux-aarch64.so"
            : "librocksdbjni-linux64.so";

    private BuiltProgram() {}

    /** Returns where it is; makes it first if it must. */
    public static Installation installation() {
        return Once.INSTALLATION;
    }

    private static final class Once {
        private static final Installation INSTALLATION = make();
    }

    private static Installation make() {
        Path build = classesOfTests().getParent();
        try (FileChannel lock = FileChannel.open(
                        build.resolve("program.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var held = lock.lock()) {
            assert held.isValid();
            return make(build);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static Installation make(Path build) throws IOException {
        List<Path> entries = Stream.of(System.getProperty("java.class.path").split(":"))
                .map(Path::of)
                .filter(entry -> !entry.equals(classesOfTests()) && Files.exists(entry))
                .toList();
        Path folder = build.resolve(FOLDER_PREFIX + fingerprint(entries));
        List<String> classPath = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            Path entry = entries.get(i);
            classPath.add((Files.isDirectory(entry) ? folder.resolve("module-" + i + ".jar") : entry).toString());
        }
        Installation installation = new Installation(
                folder,
                String.join(":", classPath),
                folder.resolve("native"),
                folder.resolve("kvasir.aot"),
                SERVER_MAIN);
        if (!Files.exists(folder.resolve(COMPLETE))) {
            deleteOlder(build);
            Files.createDirectories(folder);
            for (int i = 0; i < entries.size(); i++) {
                if (Files.isDirectory(entries.get(i))) {
                    pack(entries.get(i), Path.of(classPath.get(i)));
                }
            }
            unpackRocksDb(entries, Files.createDirectories(folder.resolve("native")));
            prepare(installation);
            Files.createFile(folder.resolve(COMPLETE));
        }
        return installation;
    }

    /** Has the launcher make the cache, as it does after a build. */
    private static void prepare(Installation installation) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream both = new PrintStream(said, true, StandardCharsets.UTF_8);
        if (Kvasir.run(List.of("prepare"), () -> installation, both, both) != 0) {
            throw new IllegalStateException("classes cannot be prepared: " + said.toString(StandardCharsets.UTF_8));
        }
    }

    private static Path classesOfTests() {
        return Path.of(BuiltProgram.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
    }

    /** Returns what changes when a class, a jar or the JDK does. */
    private static String fingerprint(List<Path> entries) throws IOException {
        CRC32C names = new CRC32C();
        CRC32C times = new CRC32C();
        names.update(System.getProperty("java.home").getBytes(StandardCharsets.UTF_8));
        for (Path entry : entries) {
            for (Path file : filesOf(entry)) {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                names.update((file + " " + attributes.size()).getBytes(StandardCharsets.UTF_8));
                times.update(attributes.lastModifiedTime().toString().getBytes(StandardCharsets.UTF_8));
            }
        }
        return HexFormat.of().toHexDigits(names.getValue() << 32 | times.getValue());
    }

    private static List<Path> filesOf(Path entry) throws IOException {
        try (Stream<Path> files = Files.walk(entry)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static void pack(Path classes, Path jar) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(file)) {
            for (Path one : filesOf(classes)) {
                zip.putNextEntry(new ZipEntry(classes.relativize(one).toString()));
                Files.copy(one, zip);
                zip.closeEntry();
            }
        }
    }

    /** A killed process leaves behind what it unpacks itself, so it finds the library unpacked. */
    private static void unpackRocksDb(List<Path> entries, Path folder) throws IOException {
        for (Path entry : entries) {
            if (entry.getFileName().toString().startsWith("rocksdbjni-")) {
                try (JarFile jar = new JarFile(entry.toFile());
                        InputStream library = jar.getInputStream(jar.getJarEntry(ROCKSDB_LIBRARY))) {
                    Files.copy(library, folder.resolve(ROCKSDB_LIBRARY));
                }
                return;
            }
        }
        throw new IllegalStateException("no RocksDB on the class path");
    }

    private static void deleteOlder(Path build) throws IOException {
        List<Path> older;
        try (Stream<Path> all = Files.list(build)) {
            older = all.filter(folder -> folder.getFileName().toString().startsWith(FOLDER_PREFIX))
                    .toList();
        }
        for (Path folder : older) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
