package io.kvasir.gateway.rdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RdbFileTest {

    private static final int VERSION_AT = 5;
    private static final int VERSION_END = 9;

    @Test
    void aFileReadsAsItWasWritten() throws IOException {
        Keys keys = new Keys();
        new RdbFileReader(input(file())).read(keys);
        assertEquals(
                List.of(
                        "database 0",
                        "a STRING 0",
                        "1",
                        "b LIST 99",
                        "2",
                        "database 3",
                        "c SET 0",
                        "2",
                        "d ZSET 0",
                        "1"),
                keys.seen);
    }

    @Test
    void everyFlippedByteIsSeen() throws IOException {
        byte[] file = file();
        for (int at = 0; at < file.length; at++) {
            for (int bit = 0; bit < 8 && (at < VERSION_AT || at >= VERSION_END); bit++) {
                byte[] bad = file.clone();
                bad[at] ^= (byte) (1 << bit);
                RdbFileReader reader = new RdbFileReader(input(bad));
                CorruptRdbException corrupt =
                        assertThrows(CorruptRdbException.class, () -> reader.read(new Keys()), "byte " + at);
                assertTrue(corrupt.offset() <= file.length);
            }
        }
    }

    @Test
    void everyCutIsSeen() throws IOException {
        byte[] file = file();
        for (int length = 0; length < file.length; length++) {
            RdbFileReader reader = new RdbFileReader(input(Arrays.copyOf(file, length)));
            CorruptRdbException corrupt = assertThrows(CorruptRdbException.class, () -> reader.read(new Keys()));
            assertTrue(corrupt.offset() <= length, "cut at " + length);
        }
    }

    @Test
    void modulesArePassedOverAndStreamsAreNot() throws IOException {
        // A stream of one entry with a group, as Redis 7.0 wrote it, and an invented module's value, before a string.
        String stream = "13 01 73 01"
                + " 10 00 00 00 00 00 00 00 05 00 00 00 00 00 00 00 00"
                + " 1D 1D 00 00 00 0A 00 01 01 00 01 01 01 81 66 02 00 01"
                + " 02 01 00 01 00 01 81 76 02 04 01 FF"
                + " 01 05 00 05 00 00 00 01"
                + " 01 01 67 05 00 01 00 00";
        String module = "07 01 6D 81 00 00 00 00 00 00 00 01 02 05 05 01 78 04 00 00 00 00 00 00 00 00 00";
        String string = "00 01 61 01 62 FF 00 00 00 00 00 00 00 00";
        byte[] body = HexFormat.ofDelimiter(" ").parseHex(stream + " " + module + " " + string);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes("REDIS0011".getBytes(StandardCharsets.US_ASCII));
        file.writeBytes(body);
        Keys keys = new Keys();
        new RdbFileReader(input(file.toByteArray())).read(keys);
        assertEquals(List.of("s STREAM 0", "1", "passed over m MODULE", "a STRING 0", "1"), keys.seen);
    }

    @Test
    void librariesOfFunctionsComeBeforeTheDatabases() throws IOException {
        ByteArrayOutputStream libraries = new ByteArrayOutputStream();
        RdbOutput payload = new RdbOutput(libraries);
        for (String code : List.of("one", "two")) {
            payload.writeByte(RdbFileReader.FUNCTION);
            payload.writeString(text(code));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        RdbFileWriter writer = new RdbFileWriter(new RdbOutput(bytes));
        writer.libraries(DumpPayload.seal(libraries.toByteArray()));
        writer.database(0);
        writer.end();
        Keys keys = new Keys();
        new RdbFileReader(input(bytes.toByteArray())).read(keys);
        assertEquals(List.of("library one", "library two", "database 0"), keys.seen);
    }

    private static RdbInput input(byte[] bytes) {
        return RdbInput.of(bytes, bytes.length);
    }

    private static byte[] file() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        RdbOutput out = new RdbOutput(bytes);
        RdbFileWriter writer = new RdbFileWriter(out);
        writer.database(0);
        writer.key(text("a"), 0, DumpPayload.encode(new RdbValue.Text(text("xyz".repeat(20))), false));
        List<byte[]> two = List.of(text("one"), text("2"));
        writer.key(text("b"), 99, DumpPayload.encode(new RdbValue.Sequence(two), false));
        writer.database(3);
        writer.key(text("c"), 0, DumpPayload.encode(new RdbValue.Members(two), false));
        writer.begin(text("d"), 0, RdbType.ZSET_2);
        ValueWriter.write(out, RdbType.ZSET_2, new RdbValue.Scores(List.of(text("m")), List.of(1.5)));
        writer.end();
        return bytes.toByteArray();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Notes what it gets. */
    private static final class Keys implements RdbFileReader.Visitor {

        private final List<String> seen = new ArrayList<>();

        @Override
        public void library(byte[] code) {
            seen.add("library " + new String(code, StandardCharsets.US_ASCII));
        }

        @Override
        public void database(long database) {
            seen.add("database " + database);
        }

        @Override
        public Optional<ValueSink> key(byte[] key, long expiryMillis, RdbType.Family family) {
            seen.add(new String(key, StandardCharsets.US_ASCII) + " " + family + " " + expiryMillis);
            return Optional.of(PassedOver.SINK);
        }

        @Override
        public void end(byte[] key, long elements) {
            seen.add(Long.toString(elements));
        }

        @Override
        public void passedOver(byte[] key, RdbType.Family family) {
            seen.add("passed over " + new String(key, StandardCharsets.US_ASCII) + " " + family);
        }
    }
}
