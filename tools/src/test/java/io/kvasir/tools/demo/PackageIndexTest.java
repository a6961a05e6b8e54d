package io.kvasir.tools.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PackageIndexTest {

    @TempDir
    private Path folder;

    @Test
    void paragraphsArePackagesAndBlanksContinueLines() throws IOException {
        Path file = folder.resolve("index");
        Files.write(
                file,
                ("Package: a\nVersion: 1:2\nTag: x,\n y\n z\n\n\nnothing\n\nPackage: b\nnonsense\nSize: 7\n\n"
                                + "Package: a\nVersion: 3\n\nPackage: c\nMaintainer: J\u00e9\n")
                        .getBytes(StandardCharsets.ISO_8859_1));
        PackageIndex index = PackageIndex.read(file);
        assertEquals(
                List.of("a", "b", "c"),
                index.packages().stream().map(fields -> fields.get("Package")).toList());
        assertEquals("1:2", index.packages().get(0).get("Version"));
        assertEquals("x,\n y\n z", index.packages().get(0).get("Tag"));
        assertEquals("7", index.packages().get(1).get("Size"));
        assertEquals("J\ufffd", index.packages().get(2).get("Maintainer"));
    }

    @Test
    void eachKindOfValueComesOfAPackage() throws IOException {
        Path file = folder.resolve("index");
        Files.writeString(
                file,
                "Package: a\nSection: games\nSize: 12\nDepends: libc6 (>= 2), b:any | c, b\nPriority: optional\n");
        List<String> lines = new PackageWrites(1_000)
                .of(1, PackageIndex.read(file).packages().getFirst()).stream()
                        .map(write -> write.words().stream()
                                .map(word -> new String(word, StandardCharsets.UTF_8))
                                .reduce((left, right) -> left + " " + right)
                                .orElseThrow())
                        .toList();
        assertEquals(
                List.of(
                        "HSET package:a Package a Section games Size 12 Depends libc6 (>= 2), b:any | c, b"
                                + " Priority optional",
                        "SADD section:games a",
                        "SADD maintainer: a",
                        "ZADD by-size 12 a",
                        "ZADD by-installed-size:games 0 a",
                        "SETBIT priority:optional 1 1",
                        "INCR count:games",
                        "RPUSH depends:a libc6 b c",
                        "PFADD depended:games libc6 b c",
                        "SET digest:a a PXAT 1037"),
                lines);
    }
}
