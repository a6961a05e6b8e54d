package io.kvasir.gateway.rdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class CodecTest {

    @Test
    void theChecksumIsThatOfItsDefinition() {
        byte[] check = "123456789".getBytes(StandardCharsets.US_ASCII);
        assertEquals(0xe9c6d914c4b8d9caL, Crc64.update(0, check, 0, check.length));
        byte[] text = "This is a test of the emergency broadcast system.".getBytes(StandardCharsets.US_ASCII);
        for (int cut = 0; cut <= text.length; cut++) {
            assertEquals(
                    Crc64.update(0, text, 0, text.length),
                    Crc64.update(Crc64.update(0, text, 0, cut), text, cut, text.length));
        }
    }

    @Test
    void whatIsCompressedUnpacksToItself() {
        Random random = new Random(3);
        for (int round = 0; round < 2_000; round++) {
            byte[] bytes = new byte[random.nextInt(3_000)];
            int letters = 1 + random.nextInt(20);
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) ('a' + random.nextInt(letters));
            }
            byte[] packed = Lzf.compress(bytes);
            if (packed == null) {
                continue;
            }
            assertTrue(packed.length <= bytes.length - 4);
            assertTrue(bytes.length <= (long) packed.length * Lzf.EXPANSION_MAX);
            assertArrayEquals(bytes, Lzf.decompress(packed, bytes.length));
            assertNull(Lzf.decompress(packed, bytes.length - 1));
            assertNull(Lzf.decompress(packed, bytes.length + 1));
        }
        byte[] zeros = new byte[1 << 20];
        byte[] packed = Lzf.compress(zeros);
        assertTrue(packed != null && zeros.length <= (long) packed.length * Lzf.EXPANSION_MAX);
        assertNull(Lzf.compress("abcdefghijklmnopqrstuvwxyz".getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void aListpackHoldsEveryKindOfElement() throws IOException {
        List<byte[]> elements = new ArrayList<>();
        for (long edge = 1; edge > 0; edge <<= 1) {
            for (long value : new long[] {edge, edge - 1, -edge, -edge - 1, edge + 1}) {
                elements.add(Long.toString(value).getBytes(StandardCharsets.US_ASCII));
            }
        }
        for (int length :
                new int[] {0, 1, 63, 64, 125, 126, 127, 128, 4_095, 4_096, 16_380, 16_390, 2_097_146, 2_097_160}) {
            elements.add("x".repeat(length).getBytes(StandardCharsets.US_ASCII));
        }
        elements.add("007".getBytes(StandardCharsets.US_ASCII));
        Listpack.Writer writer = new Listpack.Writer();
        elements.forEach(writer::add);
        byte[] bytes = writer.finish();
        List<byte[]> read = Listpack.read(bytes, RdbInput.of(bytes, bytes.length));
        assertEquals(elements.size(), read.size());
        for (int i = 0; i < elements.size(); i++) {
            assertArrayEquals(elements.get(i), read.get(i));
        }
    }

    @Test
    void lengthsAndStringsReadAsTheyWereWritten() throws IOException {
        long[] lengths = {0, 63, 64, 16_383, 16_384, 0xFFFF_FFFFL, 0x1_0000_0000L, Long.MAX_VALUE};
        String[] strings = {"", "0", "-128", "127", "128", "-32769", "2147483647", "2147483648", "01", "a".repeat(90)};
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        RdbOutput out = new RdbOutput(bytes);
        for (long length : lengths) {
            out.writeLength(length);
        }
        for (String string : strings) {
            out.writeString(string.getBytes(StandardCharsets.US_ASCII));
        }
        RdbInput in = RdbInput.of(bytes.toByteArray(), bytes.size());
        for (long length : lengths) {
            assertEquals(length, in.readLength());
        }
        for (String string : strings) {
            assertEquals(string, new String(in.readString(), StandardCharsets.US_ASCII));
        }
        assertEquals(out.position(), in.position());
        assertEquals(out.crc(), in.crc());
    }
}
