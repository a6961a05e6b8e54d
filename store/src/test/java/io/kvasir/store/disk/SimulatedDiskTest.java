package io.kvasir.store.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SimulatedDiskTest {

    private static final Path DIRECTORY = Path.of("/d");
    private static final Path FILE = DIRECTORY.resolve("f");

    private static ByteBuffer filled(int fill, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) fill);
        return ByteBuffer.wrap(bytes);
    }

    private static byte[] read(DiskFile file, int length, long offset) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        assertTrue(file.read(target, offset));
        return target.array();
    }

    private static DiskFile durableFile(SimulatedDisk disk) throws IOException {
        DiskFile file = disk.create(FILE, 2048);
        file.datasync();
        disk.syncDirectory(DIRECTORY);
        return file;
    }

    @Test
    void whatWasSyncedSurvivesEveryPowerCut() throws IOException {
        for (int seed = 0; seed < 50; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            DiskFile file = durableFile(disk);
            file.write(filled(1, 700), 100);
            file.datasync();
            file.write(filled(2, 100), 900);
            disk.powerCut();
            assertArrayEquals(filled(1, 700).array(), read(disk.open(FILE), 700, 100));
        }
    }

    @Test
    void whatWasNotSyncedSurvivesInAnyPartBySectors() throws IOException {
        Set<List<Byte>> seen = new HashSet<>();
        for (int seed = 0; seed < 300; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            durableFile(disk).write(filled(1, 1536), 0);
            disk.powerCut();
            byte[] found = read(disk.open(FILE), 1536, 0);
            seen.add(List.of(found[0], found[512], found[1024]));
        }
        assertEquals(8, seen.size(), "each set of sectors survives under some seed");
    }

    @Test
    void namesNotSyncedMayBeLostInAnyOrder() throws IOException {
        Set<List<String>> seen = new HashSet<>();
        for (int seed = 0; seed < 200; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            disk.create(FILE, 1);
            disk.create(DIRECTORY.resolve("g"), 1);
            disk.powerCut();
            seen.add(disk.list(DIRECTORY));
        }
        assertEquals(Set.of(List.of(), List.of("f"), List.of("g"), List.of("f", "g")), seen);
    }

    @Test
    void aFailedSyncForgetsPagesThatCanStillBeRead() throws IOException {
        boolean lost = false;
        for (int seed = 0; seed < 50; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed);
            DiskFile file = durableFile(disk);
            file.write(filled(1, 10), 0);
            disk.failSyncAfter(1);
            assertThrows(IOException.class, file::datasync);
            assertArrayEquals(filled(1, 10).array(), read(file, 10, 0));
            disk.processKill();
            DiskFile reopened = disk.open(FILE);
            reopened.datasync();
            disk.powerCut();
            lost |= read(disk.open(FILE), 10, 0)[0] == 0;
        }
        assertTrue(lost, "a second sync must be able to succeed without writing");
    }

    @Test
    void aStoppedMachineAnswersNothingAndItsFilesAreDead() throws IOException {
        SimulatedDisk disk = new SimulatedDisk(1);
        DiskFile file = durableFile(disk);
        disk.crashAfter(1);
        assertThrows(SimulatedDisk.Crash.class, () -> file.write(filled(1, 10), 0));
        assertThrows(SimulatedDisk.Crash.class, () -> disk.list(DIRECTORY));
        disk.processKill();
        assertThrows(IOException.class, file::datasync);
        assertEquals(List.of("f"), disk.list(DIRECTORY));
    }

    @Test
    void aFullDiskRefusesToGrowButNotToOverwrite() throws IOException {
        SimulatedDisk disk = new SimulatedDisk(1);
        DiskFile file = durableFile(disk);
        disk.capacity(2048);
        assertEquals(0, disk.freeBytes(DIRECTORY));
        file.write(filled(1, 2048), 0);
        assertThrows(IOException.class, () -> file.write(filled(1, 1), 2048));
        assertThrows(IOException.class, () -> disk.create(DIRECTORY.resolve("g"), 1));
    }
}
