package io.kvasir.store.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RealDiskTest {

    @TempDir
    Path directory;

    private final RealDisk disk = new RealDisk();

    @Test
    void aFileIsCreatedFullOfZerosAndGrowsWithWrites() throws IOException {
        Path path = directory.resolve("f");
        try (DiskFile file = disk.create(path, 3_000_000)) {
            assertEquals(3_000_000, file.size());
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 2_999_999);
            file.datasync();
            assertEquals(3_000_002, file.size());
        }
        try (DiskFile file = disk.open(path)) {
            ByteBuffer found = ByteBuffer.allocate(4);
            assertTrue(file.read(found, 2_999_998));
            assertArrayEquals(new byte[] {0, 1, 2, 3}, found.array());
            ByteBuffer direct = ByteBuffer.allocateDirect(4);
            assertFalse(file.read(direct, 3_000_000));
            assertEquals(2, direct.position());
        }
        assertThrows(FileAlreadyExistsException.class, () -> disk.create(path, 1));
        assertThrows(NoSuchFileException.class, () -> disk.open(directory.resolve("g")));
    }

    @Test
    void anOpenFileOutlivesItsName() throws IOException {
        Path from = directory.resolve("f");
        Path to = directory.resolve("g");
        try (DiskFile file = disk.create(from, 1)) {
            file.write(ByteBuffer.wrap(new byte[] {7}), 0);
            disk.rename(from, to);
            disk.create(from, 1).close();
            assertThrows(FileAlreadyExistsException.class, () -> disk.rename(from, to));
            assertEquals(List.of("f", "g"), disk.list(directory));
            disk.delete(to);
            ByteBuffer found = ByteBuffer.allocate(1);
            assertTrue(file.read(found, 0));
            assertEquals(7, found.get(0));
        }
        disk.syncDirectory(directory);
        assertTrue(disk.freeBytes(directory) > 0);
    }

    @Test
    void missingDirectoriesAreCreated() throws IOException {
        Path deep = directory.resolve("a/b/c");
        disk.createDirectories(deep);
        disk.createDirectories(deep);
        assertEquals(List.of(), disk.list(deep));
    }
}
