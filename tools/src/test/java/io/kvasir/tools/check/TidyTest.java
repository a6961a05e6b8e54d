package io.kvasir.tools.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The rules of style that a person should not have to look for. */
@Tag("check")
final class TidyTest {

    private static final int LINE_LENGTH_MAX = 120;
    private static final int FILE_LINES_MAX = 500;
    private static final int README_LINES_MAX = 150;

    /** Lines of a file's head, imports apart. */
    private static final int HEAD_LINES = 60;

    /** Words that say that a file knows it is long; a sentence with the reason follows them. */
    private static final String REASON = "This file is long because";

    private static final Pattern UNFINISHED =
            Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b|\\bfor " + "now\\b");
    /** A line that is one string and no more, which the formatter may have moved to the right. */
    private static final Pattern LITERAL = Pattern.compile(" *(\\+ )?\".*\"[,;)]*");

    private static final Pattern BANNED_NAME =
            Pattern.compile("(Abstract|Default)[A-Z].*|.*(Impl|Manager|Utils?|Helper|Options|Bean|Base)");
    private static final Set<String> BANNED_FOLDERS =
            Set.of("util", "utils", "common", "helper", "impl", "base", "misc", "manager", "model", "dto");
    private static final Set<String> BANNED_IN_TESTS =
            Set.of("@Dis" + "abled", "Thread.sl" + "eep(", "org.mock" + "ito");
    private static final Set<String> SKIPPED_FOLDERS = Set.of("target", ".git", "data", "node_modules");

    private final Path root =
            Path.of(System.getProperty("kvasir.root", "..")).toAbsolutePath().normalize();

    @Test
    void sourcesAreTidy() throws IOException {
        List<Path> sources = files(".java");
        assertTrue(sources.size() > 100, "only " + sources.size() + " sources found below " + root);
        List<String> problems = new ArrayList<>();
        for (Path source : sources) {
            problems.addAll(problems(root.relativize(source).toString(), Files.readAllLines(source)));
        }
        assertEquals("", String.join("\n", problems));
    }

    @Test
    void everyPackageForbidsNull() throws IOException {
        Set<String> problems = new TreeSet<>();
        for (Path source : files(".java")) {
            Path info = source.resolveSibling("package-info.java");
            if (source.toString().contains("/src/main/")
                    && !(Files.exists(info) && Files.readString(info).contains("@NullMarked"))) {
                problems.add(root.relativize(info) + " is missing or lacks @NullMarked");
            }
        }
        assertEquals("", String.join("\n", problems));
    }

    @Test
    void textsAreTidy() throws IOException {
        List<String> problems = new ArrayList<>();
        for (Path text : files(".md", ".proto", ".toml", ".sh", "pom.xml", "kvasir", ".ci/run")) {
            List<String> lines = Files.readAllLines(text);
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).indexOf('\t') >= 0 || lines.get(i).endsWith(" ")) {
                    problems.add(root.relativize(text) + ":" + (i + 1) + ": a tab or a trailing blank");
                }
            }
        }
        Path readme = root.resolve("README.md");
        if (Files.exists(readme) && Files.readAllLines(readme).size() > README_LINES_MAX) {
            problems.add("README.md has more than " + README_LINES_MAX + " lines");
        }
        assertEquals("", String.join("\n", problems));
    }

    @Test
    void rulesCanFail() {
        List<String> lines = new ArrayList<>(List.of("\tint a;", "int b; ", "// TO" + "DO", "x".repeat(121)));
        assertEquals(4, problems("a/src/main/java/io/kvasir/a/Fine.java", lines).size());
        assertEquals(
                1,
                problems("a/src/main/java/io/kvasir/a/ThingImpl.java", List.of("int a;"))
                        .size());
        assertEquals(
                1,
                problems("a/src/main/java/io/kvasir/util/Thing.java", List.of("int a;"))
                        .size());
        assertEquals(
                1,
                problems("a/src/test/java/io/kvasir/a/ATest.java", List.of("@Dis" + "abled"))
                        .size());
        lines = new ArrayList<>(Collections.nCopies(FILE_LINES_MAX + 1, "int a;"));
        assertEquals(1, problems("a/src/main/java/io/kvasir/a/Long.java", lines).size());
        lines.set(3, " * " + REASON + " the table is.");
        assertEquals(0, problems("a/src/main/java/io/kvasir/a/Long.java", lines).size());
    }

    private static List<String> problems(String file, List<String> lines) {
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            String where = file + ":" + (i + 1) + ": ";
            if (line.indexOf('\t') >= 0) {
                problems.add(where + "a tab");
            }
            if (line.endsWith(" ")) {
                problems.add(where + "a trailing blank");
            }
            if (line.length() > LINE_LENGTH_MAX && !LITERAL.matcher(line).matches()) {
                problems.add(where + line.length() + " characters");
            }
            if (UNFINISHED.matcher(line).find()) {
                problems.add(where + "unfinished: " + line.strip());
            }
            if (file.contains("/src/test/")) {
                BANNED_IN_TESTS.stream()
                        .filter(line::contains)
                        .forEach(word -> problems.add(where + word + " has no place in a test"));
            }
        }
        String name = file.substring(file.lastIndexOf('/') + 1).replace(".java", "");
        if (BANNED_NAME.matcher(name).matches()) {
            problems.add(file + ": the name says nothing; name the difference");
        }
        for (String folder : file.split("/")) {
            if (BANNED_FOLDERS.contains(folder)) {
                problems.add(file + ": a package named " + folder + " says nothing");
            }
        }
        boolean reasoned = lines.stream()
                .filter(line -> !line.startsWith("import "))
                .limit(HEAD_LINES)
                .anyMatch(line -> line.contains(REASON));
        if (lines.size() > FILE_LINES_MAX && !reasoned) {
            problems.add(file + ": " + lines.size() + " lines; split it, or say \"" + REASON + " …\" in its head");
        }
        return problems;
    }

    /** Returns the files of the repository whose path ends with one of {@code ends}; no build results. */
    private List<Path> files(String... ends) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return SKIPPED_FOLDERS.contains(folder.getFileName().toString())
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                for (String end : ends) {
                    if (file.toString().endsWith(end)) {
                        files.add(file);
                    }
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });
        return files;
    }
}
