package io.kvasir.gateway.command.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.command.CommandRunner;
import io.kvasir.gateway.type.MapTransaction;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class StreamTest {

    private static final String ID_1_1 = "0000000000000001" + "0000000000000001";

    private final MapTransaction transaction = new MapTransaction(6);
    private final CommandRunner runner = new CommandRunner(transaction);

    @AfterEach
    void whatMustHoldHolds() {
        transaction.check();
    }

    @Test
    void aSmallStreamIsOneRecord() {
        runner.runAll("XADD s 1-1 f v", "XADD s 2-0 f w g x");
        assertEquals(1, transaction.size());
        // format, type 6, count 2; last id, largest deleted id, first id, added; then the chunk: node, its entries,
        // bytes and last id, entries, fields, the entries; see docs/keyspace-root.md
        assertEquals(
                "0106" + "02" + "0200" + "0000" + "0101" + "02" + "0101" + "02" + "34" + "0100" + "02" + "010166"
                        + "0000" + "00" + "0176" + "0100" + "02" + "0166" + "0177" + "0167" + "0178",
                hex(root("s")));
        runner.run("DEL s");
        assertEquals(0, transaction.size());
    }

    @Test
    void aStreamWithAGroupHasRecords() {
        runner.runAll("XADD s 1-1 f v", "XGROUP CREATE s g 0", "XREADGROUP GROUP g c COUNT 1 STREAMS s >");
        byte[] root = root("s");
        // Last id, largest deleted id, first id, added; 5 records of groups; 1 chunk, 1 node, era 0, first and last
        // chunk; 1 group, next number 1.
        assertEquals("0126", hex(root).substring(0, 4));
        assertEquals(
                "01" + "0101" + "0000" + "0101" + "01" + "05" + "010100" + "0101" + "0101" + "01" + "01",
                hex(root).substring(28));
        assertEquals(
                "0101" + "01" + "1d" + "0000" + "01" + "010166" + "0000" + "00" + "0176",
                record(root, "01" + "00000000" + ID_1_1));
        // Number 0, last id, 1 entry read, 1 pending, 1 consumer, next number 1.
        assertEquals("00" + "0101" + "02" + "01" + "01" + "01", record(root, "02" + "67"));
        assertEquals("00", record(root, "03" + "00000000" + "01" + "63"));
        // Name, 1 pending, seen at 1,700,000,000,000, active then.
        assertEquals(
                "0163" + "01" + "80d095ffbc31" + "81d095ffbc31", record(root, "03" + "00000000" + "02" + "00000000"));
        // Consumer 0, delivered at 1,700,000,000,000, once.
        assertEquals("00" + "80d095ffbc31" + "01", record(root, "03" + "00000000" + "03" + ID_1_1));
        assertEquals("", record(root, "03" + "00000000" + "04" + "00000000" + ID_1_1));
        assertEquals(7, transaction.size());
        assertEquals("1", runner.run("XGROUP DESTROY s g"));
        assertEquals(2, transaction.size());
    }

    @Test
    void everyWriteGivesTheRootANewVersion() {
        fill(500);
        runner.runAll("XGROUP CREATE s g 0", "XREADGROUP GROUP g c COUNT 9 STREAMS s >");
        byte[] root = KeyLayout.root(1, bytes("s"));
        for (String command : List.of(
                "XDEL s 100-0",
                "XADD s 501-0 f v",
                "XTRIM s MAXLEN 400",
                "XACK s g 2-0",
                "XREADGROUP GROUP g c STREAMS s 0",
                "XREADGROUP GROUP g d COUNT 1 STREAMS s >",
                "XCLAIM s g d 0 103-0",
                "XAUTOCLAIM s g c 0 0 COUNT 1",
                "XGROUP CREATECONSUMER s g e",
                "XGROUP DELCONSUMER s g d",
                "XGROUP SETID s g $",
                "XSETID s 900-0")) {
            Version before = transaction.version(root);
            runner.run(command);
            assertNotEquals(before, transaction.version(root), command);
        }
        Version before = transaction.version(root);
        runner.runAll("XDEL s 1-0", "XACK s g 999-0", "XTRIM s MAXLEN 1000", "XGROUP DELCONSUMER s g nobody");
        assertEquals(before, transaction.version(root));
    }

    @Test
    void anIdIsMadeFromTheTimeOfTheOperation() {
        transaction.begin(1_800_000_000_000L);
        assertEquals("\"1800000000000-0\"", runner.run("XADD s * f v"));
        assertEquals("\"1800000000000-1\"", runner.run("XADD s * f v"));
        assertEquals("\"1900000000000-5\"", runner.run("XADD s 1900000000000-5 f v"));
        assertEquals("\"1900000000000-6\"", runner.run("XADD s * f v"), "time goes on where the last id is");
    }

    @Test
    void consumersAreMadeWhenTheyAreNamedAndKnowWhenTheyGotSomething() {
        runner.runAll("XADD s 1-1 f v", "XGROUP CREATE s g $");
        assertEquals("(nil)", runner.run("XREADGROUP GROUP g idle STREAMS s >"));
        assertEquals("[]", runner.run("XCLAIM s g claimer 0 1-1"));
        transaction.begin(transaction.timeMillis() + 500);
        assertEquals(
                "[[\"name\", \"claimer\", \"pending\", 0, \"idle\", 500, \"inactive\", -1],"
                        + " [\"name\", \"idle\", \"pending\", 0, \"idle\", 500, \"inactive\", -1]]",
                runner.run("XINFO CONSUMERS s g"));
        runner.runAll("XADD s 2-1 f v", "XREADGROUP GROUP g idle STREAMS s >");
        transaction.begin(transaction.timeMillis() + 70);
        runner.run("XREADGROUP GROUP g idle STREAMS s >");
        transaction.begin(transaction.timeMillis() + 5);
        assertEquals(
                "[\"name\", \"idle\", \"pending\", 1, \"idle\", 5, \"inactive\", 75]",
                runner.run("XINFO CONSUMERS s g").replaceFirst("^.*-1\\], ", "").replaceFirst("\\]$", ""));
        assertTrue(runner.run("XINFO STREAM s FULL").contains("\"active-time\", -1"));
    }

    @Test
    void whatIsThereIsReadWithoutWaiting() {
        runner.run("XADD s 1-1 f v");
        assertEquals("[[\"s\", [[\"1-1\", [\"f\", \"v\"]]]]]", runner.run("XREAD BLOCK 0 STREAMS s 0"));
    }

    @Test
    void anIdBelowTheLargestDeletedOneIsNotSet() {
        runner.runAll("XADD s 5-0 f v", "XDEL s 5-0");
        assertEquals(
                "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id",
                runner.run("XSETID s 4-0"));
    }

    @Test
    void idsAreLoweredOnlyWhileThereIsNoEntryAndThenBeginAnew() {
        fill(3_000);
        runner.run("XTRIM s MAXLEN 0");
        assertEquals("OK", runner.run("XSETID s 0-1"));
        assertEquals(1, transaction.size());
        assertEquals("\"7-0\"", runner.run("XADD s 7-0 f v"));
        assertEquals("[[\"7-0\", [\"f\", \"v\"]]]", runner.run("XRANGE s - +"));
    }

    @Test
    void wholeNodesGoWhereTrimmingMayChoose() {
        fill(1_000);
        assertEquals("400", runner.run("XTRIM s MAXLEN ~ 555"));
        assertEquals("600", runner.run("XLEN s"));
        assertEquals("0", runner.run("XTRIM s MAXLEN ~ 555 LIMIT 99"));
        assertEquals("100", runner.run("XTRIM s MAXLEN ~ 0 LIMIT 100"));
        assertEquals("100", runner.run("XTRIM s MINID ~ 620"));
        assertEquals("20", runner.run("XTRIM s MINID 621"));
        assertEquals("380", runner.run("XLEN s"));
        assertTrue(runner.run("XINFO STREAM s").startsWith("[\"length\", 380, \"radix-tree-keys\", 4,"));
    }

    @Test
    void aLargeStreamIsCopiedRenamedAndRemovedWithAllItsRecords() {
        fill(2_000);
        runner.runAll("XGROUP CREATE s g 0", "XREADGROUP GROUP g c COUNT 300 STREAMS s >");
        runner.runAll("SET copy v", "COPY s copy REPLACE", "XDEL copy 1000-0", "XACK copy g 1-0", "RENAME s renamed");
        assertEquals(
                List.of("1999", "2000", "[299, \"2-0\", \"300-0\", [[\"c\", \"299\"]]]"),
                runner.runAll("XLEN copy", "XLEN renamed", "XPENDING copy g"));
        assertEquals("2", runner.run("DEL copy renamed"));
        assertEquals(0, transaction.size());
    }

    @Test
    void anOperationOnALargeStreamTouchesAHandfulOfRecords() {
        fill(20_000);
        runner.runAll("XGROUP CREATE s g 0", "XREADGROUP GROUP g c COUNT 5000 STREAMS s >");
        cost("XADD s 30000-0 f v", 4, 2, 1_500);
        cost("XRANGE s 9000-0 + COUNT 1", 6, 0, 0);
        cost("XRANGE s - + COUNT 1", 4, 0, 0);
        cost("XREVRANGE s + - COUNT 1", 4, 0, 0);
        cost("XREAD COUNT 1 STREAMS s 29000", 6, 0, 0);
        cost("XDEL s 10000-0", 6, 2, 2_500);
        cost("XACK s g 2500-0", 6, 3, 400);
        cost("XREADGROUP GROUP g c COUNT 1 STREAMS s >", 9, 5, 600);
        cost("XPENDING s g - + 1", 6, 0, 0);
        cost("XCLAIM s g c 0 2501-0", 9, 4, 600);
    }

    private void cost(String command, int readMost, int writtenMost, long bytesMost) {
        String reply = runner.run(command);
        assertTrue(!reply.startsWith("ERR") && !reply.equals("[]"), reply);
        int read = transaction.recordsRead() + transaction.recordsScanned();
        assertTrue(read <= readMost, command + " reads " + read + " records");
        assertTrue(transaction.recordsWritten() <= writtenMost, command + ": " + transaction.recordsWritten());
        assertTrue(transaction.writtenBytes() <= bytesMost, command + ": " + transaction.writtenBytes() + " bytes");
    }

    /** Adds entries 1-0 to {@code count}-0 to the stream s. */
    private void fill(int count) {
        for (int i = 1; i <= count; i++) {
            runner.run("XADD s " + i + "-0 f value" + i % 7);
        }
    }

    private String record(byte[] root, String suffix) {
        Version generation = Version.read(root, 2);
        byte[] stem = KeyLayout.stem(1, bytes("s"));
        byte[] key = KeyLayout.element(
                stem, KeyLayout.KIND_ELEMENT, generation, HexFormat.of().parseHex(suffix));
        return hex(Objects.requireNonNull(transaction.get(key), suffix));
    }

    private byte[] root(String key) {
        return Objects.requireNonNull(transaction.get(KeyLayout.root(1, bytes(key))));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
