package io.kvasir.store.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.RegionId;
import io.kvasir.store.disk.DiskFile;
import io.kvasir.store.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/**
 * Rule K25: a torn tail is accepted, damage is not, and nothing that was not written by the log is taken for a record.
 */
final class LogDamageTest {

    private static final Path DIRECTORY = Path.of("/log");
    private static final RegionId REGION = new RegionId(7);
    private static final LogSettings SETTINGS = new LogSettings(8 << 10, 8 << 10, 8 << 10, 0, 64 << 10, 1, 8);
    private static final Path FIRST = DIRECTORY.resolve(Segments.nameOf(1));

    private final SimulatedDisk disk = new SimulatedDisk(1);

    private LogEngine open() throws IOException {
        return LogEngine.openInline(disk, DIRECTORY, SETTINGS, fault -> {});
    }

    private static GroupLog create(LogEngine engine) {
        return assertInstanceOf(Creation.Created.class, engine.create(REGION, 1, new byte[] {1}))
                .log();
    }

    private static Entry entry(int fill, int length) {
        byte[] data = new byte[length];
        Arrays.fill(data, (byte) fill);
        return new Entry(1, Entry.DATA, data);
    }

    private byte[] bytesOf(Path file) throws IOException {
        try (DiskFile opened = disk.open(file)) {
            byte[] bytes = new byte[Math.toIntExact(opened.size())];
            opened.read(ByteBuffer.wrap(bytes), 0);
            return bytes;
        }
    }

    /** Returns the offset of the last frame of the log so far. */
    private int appendAndReturnLastFrame(int entries, int bytes) throws IOException {
        try (LogEngine engine = open()) {
            GroupLog log = create(engine);
            for (int i = 1; i <= entries; i++) {
                log.append(i, List.of(entry(i, bytes)));
            }
        }
        byte[] file = bytesOf(FIRST);
        int last = 0;
        for (int at = Format.SEGMENT_HEADER_BYTES; Format.getInt(file, at) == Format.FRAME_MAGIC; ) {
            last = at;
            at += Format.getInt(file, at + 8);
        }
        return last;
    }

    @Test
    void noFlippedBitBeforeTheLastFrameLosesAnything() throws IOException {
        int last = appendAndReturnLastFrame(10, 21);
        int harmless = 0;
        for (int at = 0; at < last; at++) {
            disk.corrupt(FIRST, at, 1 << at % 8);
            try (LogEngine engine = open()) {
                assertEquals(10, engine.find(REGION).orElseThrow().lastIndex());
                harmless++;
            } catch (LogCorruption refused) {
                assertEquals(FIRST, refused.file());
                assertTrue(refused.offset() <= at, refused.offset() + " for damage at " + at);
            }
            disk.corrupt(FIRST, at, 1 << at % 8);
        }
        // Padding after a frame means nothing: at most 7 bytes for each of them.
        assertTrue(harmless < 7 * 12, harmless + " flips went unnoticed");
    }

    @Test
    void aTornLastFrameIsDroppedAndTheLogGoesOn() throws IOException {
        int last = appendAndReturnLastFrame(10, 21);
        disk.corrupt(FIRST, last + Format.FRAME_HEADER_BYTES + 50, 4);
        try (LogEngine engine = open()) {
            GroupLog log = engine.find(REGION).orElseThrow();
            assertEquals(9, log.lastIndex());
            log.append(10, List.of(entry(77, 5)));
        }
        try (LogEngine engine = open()) {
            assertArrayEquals(
                    new byte[] {77, 77, 77, 77, 77},
                    engine.find(REGION).orElseThrow().read(10));
        }
    }

    @Test
    void damageInAnOlderSegmentIsRefused() throws IOException {
        try (LogEngine engine = open()) {
            GroupLog log = create(engine);
            for (int i = 1; i <= 40; i++) {
                log.append(i, List.of(entry(i, 500)));
            }
        }
        byte[] file = bytesOf(FIRST);
        int end = file.length;
        while (file[end - 1] == 0) {
            end--;
        }
        disk.corrupt(FIRST, end - 1, 1);
        assertEquals(FIRST, assertThrows(LogCorruption.class, this::open).file());
    }

    @Test
    void aMissingSegmentIsRefused() throws IOException {
        try (LogEngine engine = open()) {
            GroupLog log = create(engine);
            for (int i = 1; i <= 60; i++) {
                log.append(i, List.of(entry(i, 500)));
            }
        }
        disk.delete(DIRECTORY.resolve(Segments.nameOf(2)));
        assertThrows(LogCorruption.class, this::open);
        disk.delete(FIRST);
        assertThrows(LogCorruption.class, this::open);
    }

    @Test
    void anUnknownFormatVersionIsRefused() throws IOException {
        appendAndReturnLastFrame(1, 1);
        byte[] header = Arrays.copyOf(bytesOf(FIRST), Format.SEGMENT_HEADER_BYTES);
        Format.putInt(header, 12, Format.VERSION + 1);
        CRC32C crc = new CRC32C();
        crc.update(header, 12, header.length - 12);
        Format.putInt(header, 8, (int) crc.getValue());
        try (DiskFile file = disk.open(FIRST)) {
            file.write(ByteBuffer.wrap(header), 0);
        }
        assertTrue(assertThrows(LogCorruption.class, this::open).getMessage().contains("version 2"));
    }

    @Test
    void aCopyOfTheLogInsideATornFrameIsNotTakenForFrames() throws IOException {
        int last = appendAndReturnLastFrame(3, 21);
        byte[] copy = Arrays.copyOf(bytesOf(FIRST), last);
        int torn;
        try (LogEngine engine = open()) {
            torn = last + Format.getInt(bytesOf(FIRST), last + 8);
            engine.find(REGION).orElseThrow().append(4, List.of(new Entry(1, Entry.DATA, copy)));
        }
        disk.corrupt(FIRST, torn + Format.FRAME_HEADER_BYTES + 8, 1);
        try (LogEngine engine = open()) {
            assertEquals(3, engine.find(REGION).orElseThrow().lastIndex());
        }
    }

    @Test
    void aFrameForgedInsideATornOneIsNotTakenForOne() throws IOException {
        int last = appendAndReturnLastFrame(3, 21);
        byte[] file = bytesOf(FIRST);
        int torn = last + Format.getInt(file, last + 8);
        int dataAt = torn + Format.FRAME_HEADER_BYTES + Format.ENTRY_HEADER_BYTES;
        byte[] forged = new byte[Format.FRAME_HEADER_BYTES];
        Format.putInt(forged, 0, Format.FRAME_MAGIC);
        Format.putInt(forged, 8, forged.length);
        Format.putLong(forged, 16, 9);
        // Everything but the salt can be guessed.
        byte[] place = Format.place(0, 1, dataAt);
        CRC32C crc = new CRC32C();
        crc.update(place, 0, place.length);
        crc.update(forged, 8, forged.length - 8);
        Format.putInt(forged, 4, (int) crc.getValue());
        try (LogEngine engine = open()) {
            engine.find(REGION).orElseThrow().append(4, List.of(new Entry(1, Entry.DATA, forged)));
        }
        assertEquals(Format.FRAME_MAGIC, Format.getInt(bytesOf(FIRST), dataAt));
        disk.corrupt(FIRST, torn + Format.FRAME_HEADER_BYTES + 8, 1);
        try (LogEngine engine = open()) {
            assertEquals(3, engine.find(REGION).orElseThrow().lastIndex());
        }
    }

    @Test
    void aTornFrameIsNeverCompletedByBytesOfAnEarlierOne() throws IOException {
        int whole = 0;
        for (int seed = 0; seed < 300; seed++) {
            SimulatedDisk torn = new SimulatedDisk(seed);
            LogEngine engine = LogEngine.openInline(torn, DIRECTORY, SETTINGS, fault -> {});
            // An initial state of this length lets each entry of the next frame begin and end with a sector.
            engine.create(REGION, 1, new byte[300]);
            for (int attempt = 1; attempt <= 2; attempt++) {
                GroupLog log = engine.find(REGION).orElseThrow();
                List<Entry> entries = List.of(entry(attempt, 472), entry(attempt, 472), entry(attempt, 472));
                torn.crashAfter(2); // The write gets through, the sync does not.
                if (log.lastIndex() == 0) {
                    assertThrows(LogFault.class, () -> log.append(1, entries));
                }
                torn.powerCut();
                engine = LogEngine.openInline(torn, DIRECTORY, SETTINGS, fault -> {});
            }
            GroupLog log = engine.find(REGION).orElseThrow();
            assertTrue(log.lastIndex() == 0 || log.lastIndex() == 3, "seed " + seed);
            for (int i = 2; i <= log.lastIndex(); i++) {
                assertArrayEquals(log.read(1), log.read(i), "seed " + seed);
                whole++;
            }
        }
        assertTrue(whole > 0 && whole < 600, "every frame, or none, was torn");
    }

    @Test
    void rotFoundByAReaderStopsTheEngine() throws IOException {
        try (LogEngine engine = open()) {
            GroupLog log = create(engine);
            for (int i = 1; i <= 3; i++) {
                log.append(i, List.of(entry(i, 100)));
            }
            byte[] file = bytesOf(FIRST);
            int at = 0;
            while (file[at] != 2 || file[at + 99] != 2) {
                at++;
            }
            disk.corrupt(FIRST, at + 50, 8);
            assertThrows(LogFault.class, () -> log.read(2));
            assertTrue(engine.fault().isPresent());
            assertThrows(LogFault.class, () -> log.append(4, List.of(entry(4, 1))));
        }
    }
}
