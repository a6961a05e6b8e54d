package io.kvasir.gateway.command.list;

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

final class ListTest {

    private final MapTransaction transaction = new MapTransaction(12);
    private final CommandRunner runner = new CommandRunner(transaction);

    @AfterEach
    void whatMustHoldHolds() {
        transaction.check();
    }

    @Test
    void aSmallListIsOneRecord() {
        runner.runAll("RPUSH l b 12", "LPUSH l a");
        assertEquals(1, transaction.size());
        // format, type 2, count 3, flags 0, then length and bytes of each element; see docs/keyspace-root.md
        assertEquals("0102" + "03" + "00" + "0161" + "0162" + "023132", hex(root("l")));
        assertEquals("[\"a\", \"b\", \"12\"]", runner.run("LRANGE l 0 -1"));
    }

    @Test
    void aLargeListHasAFirstChunkATreeAndALastChunk() {
        runner.run("RPUSH l " + "x".repeat(600) + " " + "y".repeat(600) + " " + "z".repeat(600));
        runner.run("LPUSH l a");
        byte[] root = root("l");
        // Flags and type, count 4; flags 0, 5 records, next number 5, weight 3 times (600 + 2 + 2) and 3, 1 level with
        // top node 1, then the first chunk with 1 element as record 4 of weight 3, the last with 1 as record 3.
        assertEquals("0122", hex(root).substring(0, 4));
        assertEquals(
                "04" + "00" + "05" + "05" + "970e" + "01" + "01" + "010403" + "0103dc04",
                hex(root).substring(28));
        assertEquals("0161", hex(chunk(root, 4)));
        assertEquals("d804" + "7a".repeat(600), hex(chunk(root, 3)));
        // Two children of one element each: records 0 and 2 of weight 604.
        assertEquals("0001dc04" + "0201dc04", hex(chunk(root, 1)));
        assertEquals("d804" + "78".repeat(600), hex(chunk(root, 0)));
        assertEquals(6, transaction.size());
    }

    @Test
    void aListLeavesItsRootAtOneKibibyteAndNotBefore() {
        runner.run("RPUSH l " + "x".repeat(1_018) + " a");
        assertEquals(1, transaction.size(), "1 of flags, 2 of length, 1018, 2 of the other are 1023");
        runner.run("RPUSH l \"\"");
        assertEquals(1, transaction.size());
        runner.run("RPUSH l \"\"");
        assertEquals(2, transaction.size(), "one byte more than the root may hold");
        runner.run("LPOP l");
        assertEquals(2, transaction.size(), "a list in chunks stays so");
        assertEquals("[\"a\", \"\", \"\"]", runner.run("LRANGE l 0 -1"));
    }

    @Test
    void everyWriteToAnElementGivesTheRootANewVersion() {
        fill("l", 2_000);
        byte[] root = KeyLayout.root(1, bytes("l"));
        for (String command : List.of(
                "LSET l 1000 other",
                "LINSERT l BEFORE element7 x",
                "LREM l 1 element9",
                "LPOP l",
                "RPUSH l x",
                "LTRIM l 1 -2")) {
            Version before = transaction.version(root);
            runner.run(command);
            assertNotEquals(before, transaction.version(root), command);
        }
        Version before = transaction.version(root);
        runner.runAll("LREM l 1 nothing", "LINSERT l AFTER nothing x", "LSET l 100000 x", "LPUSHX other x");
        assertEquals(before, transaction.version(root));
    }

    @Test
    void theLastElementTakesTheKeyWithIt() {
        fill("l", 500);
        assertEquals("500", runner.run("LLEN l"));
        runner.run("LPOP l 499");
        runner.run("RPOP l");
        assertEquals(List.of("rpop l", "del l"), transaction.eventLines());
        assertEquals(0, transaction.size());
        fill("l", 500);
        runner.run("LTRIM l 5 4");
        assertEquals(List.of("ltrim l", "del l"), transaction.eventLines());
        assertEquals(0, transaction.size());
        runner.runAll("RPUSH l " + "a ".repeat(900) + "a", "LREM l 0 a");
        assertEquals(List.of("lrem l", "del l"), transaction.eventLines());
        assertEquals(0, transaction.size());
    }

    @Test
    void aLargeListIsCopiedRenamedAndRemovedWithAllItsRecords() {
        fill("l", 2_000);
        runner.runAll(
                "SET copy v", "COPY l copy REPLACE", "LSET copy 1000 other", "RENAME l renamed", "EXPIRE copy 100");
        assertEquals(
                List.of("\"other\"", "\"element1000\"", "2000"),
                runner.runAll("LINDEX copy 1000", "LINDEX renamed 1000", "LPUSHX copy x").stream()
                        .map(reply -> reply.equals("2001") ? "2000" : reply)
                        .toList());
        assertEquals("100", runner.run("TTL copy"));
        assertEquals("2", runner.run("DEL copy renamed"));
        assertEquals(0, transaction.size());
    }

    @Test
    void movingAnElementChangesBothListsOrNeither() {
        runner.run("RPUSH l " + "x".repeat(2_200_000) + " " + "y".repeat(1_800_000));
        runner.run("RPUSH m " + "z".repeat(1_000));
        int size = transaction.size();
        assertEquals("2", runner.run("LLEN l"));
        assertTrue(runner.run("LMOVE l m RIGHT LEFT").startsWith("\"yyy"));
        assertEquals(List.of("1", "2"), runner.runAll("LLEN l", "LLEN m"));
        assertEquals(size + 1, transaction.size(), "one record less of l, two more of m, which was inline");
        assertEquals(
                "\"b\"", runner.runAll("RPUSH r a b", "LMOVE r r RIGHT LEFT").get(1));
        assertEquals(List.of("lpush r", "rpop r"), transaction.eventLines());
        assertEquals("[\"b\", \"a\"]", runner.run("LRANGE r 0 -1"));
    }

    @Test
    void anElementMuchLargerThanAChunkIsOneElement() {
        runner.run("RPUSH l a");
        runner.run("LPUSH l " + "x".repeat(4_000_000));
        assertEquals("\"" + "x".repeat(4_000_000) + "\"", runner.run("LINDEX l 0"));
        assertEquals("2", runner.run("LLEN l"));
        runner.run("LPOP l 1");
        assertEquals("[\"a\"]", runner.run("LRANGE l 0 -1"));
    }

    @Test
    void aMiddleOfAMillionElementsIsAHandfulOfRecordsAway() {
        for (int i = 0; i < 1_000; i++) {
            runner.run(words("RPUSH", "l", i * 1_000, 1_000));
        }
        assertEquals("1000000", runner.run("LLEN l"));
        int[] budget = {0, 0};
        assertEquals("\"element512345\"", runner.run("LINDEX l 512345"));
        budget[0] = transaction.recordsRead();
        assertTrue(budget[0] <= 5, "LINDEX read " + budget[0] + " records");
        assertEquals("OK", runner.run("LSET l -400000 element"));
        within("LSET", 5, 5);
        assertEquals("OK", runner.run("LSET l -400000 ELEMENT"));
        within("LSET of one length", 5, 2);
        assertEquals("OK", runner.run("LSET l 400000 " + "x".repeat(900)));
        within("LSET of a chunk that splits, and with it a full node", 5, 8);
        assertEquals("1000001", runner.run("LINSERT l AFTER element99 x"));
        within("LINSERT into full nodes", 10, 8);
        assertEquals("1", runner.run("LREM l -1 element999900"));
        within("LREM near the end", 10, 6);
        // To find an element they read the chunks before it, of about 60 each; they write as few as anywhere else.
        assertEquals("1000001", runner.run("LINSERT l BEFORE element500000 x"));
        within("LINSERT in the middle", 500_000 / 50, 8);
        assertEquals("1", runner.run("LREM l 1 element612345"));
        within("LREM in the middle", 612_345 / 50, 6);
        assertEquals("1", runner.run("LREM l 0 element412345"));
        within("LREM that looks at all", 1_000_000 / 50, 6);
        assertEquals("OK", runner.run("LTRIM l 1 -2"));
        within("LTRIM of both ends", 10, 10);
        runner.run("LRANGE l 300000 300099");
        assertTrue(transaction.recordsRead() <= 8, "LRANGE of 100 read " + transaction.recordsRead());
    }

    @Test
    void endsOfALargeListAreTwoRecordsAway() {
        fill("l", 20_000);
        int reads = 0;
        int writes = 0;
        for (String command : List.of("RPUSH l x", "LPUSH l x", "RPOP l", "LPOP l")) {
            for (int i = 0; i < 1_000; i++) {
                runner.run(command);
                reads += transaction.recordsRead();
                writes += transaction.recordsWritten();
            }
        }
        assertTrue(reads < 4_000 * 2.2, "on average " + reads / 4_000.0 + " read");
        assertTrue(writes < 4_000 * 2.2, "on average " + writes / 4_000.0 + " written");
    }

    @Test
    void aHugeListIsDeletedAndTrimmedByRanges() {
        for (int i = 0; i < 400; i++) {
            runner.run(words("RPUSH", "l", i * 1_000, 1_000));
        }
        int records = transaction.size();
        assertTrue(records > 4_000, records + " records");
        runner.run("LTRIM l 350000 -1");
        assertTrue(transaction.recordsWritten() < 100, transaction.recordsWritten() + " records written by LTRIM");
        assertTrue(transaction.size() < records / 7, transaction.size() + " records left");
        assertEquals("\"element350000\"", runner.run("LINDEX l 0"));
        assertEquals("\"element399999\"", runner.run("LINDEX l -1"));
        runner.run("DEL l");
        assertEquals(0, transaction.size());
    }

    @Test
    void theEncodingIsThatOfRedis() {
        runner.run("RPUSH l a");
        assertEquals("\"listpack\"", runner.run("OBJECT ENCODING l"));
        for (int i = 0; i < 79; i++) {
            runner.run("RPUSH l " + "x".repeat(100));
        }
        assertEquals("\"listpack\"", runner.run("OBJECT ENCODING l"), "7 + 3 + 79 * (100 + 2 + 1) = 8147");
        runner.runAll("COPY l m", "RPUSH m " + "x".repeat(45));
        assertEquals("\"listpack\"", runner.run("OBJECT ENCODING m"), "8192 with the new one's length, not above");
        runner.run("RPUSH l " + "x".repeat(46));
        assertEquals("\"quicklist\"", runner.run("OBJECT ENCODING l"));
        runner.run("LTRIM l 0 40");
        assertEquals("\"quicklist\"", runner.run("OBJECT ENCODING l"), "7 + 3 + 40 * 103 = 4130");
        runner.run("RPOP l");
        assertEquals("\"listpack\"", runner.run("OBJECT ENCODING l"), "4027 is below half of the limit");
        runner.run("RPUSH one " + "x".repeat(8_186));
        assertEquals("\"quicklist\"", runner.run("OBJECT ENCODING one"));
    }

    private void within(String what, int reads, int writes) {
        assertTrue(transaction.recordsRead() <= reads, what + " read " + transaction.recordsRead() + " records");
        assertTrue(transaction.recordsWritten() <= writes, what + " wrote " + transaction.recordsWritten());
    }

    private void fill(String key, int elements) {
        for (int i = 0; i < elements; i += 1_000) {
            runner.run(words("RPUSH", key, i, Math.min(1_000, elements - i)));
        }
    }

    private static byte[][] words(String command, String key, int first, int elements) {
        byte[][] words = new byte[2 + elements][];
        words[0] = bytes(command);
        words[1] = bytes(key);
        for (int i = 0; i < elements; i++) {
            words[2 + i] = bytes("element" + (first + i));
        }
        return words;
    }

    private byte[] root(String key) {
        return Objects.requireNonNull(transaction.get(KeyLayout.root(1, bytes(key))));
    }

    private byte[] chunk(byte[] root, int number) {
        byte[] suffix = {0, 0, 0, 0, 0, 0, 0, (byte) number};
        byte[] stem = KeyLayout.stem(1, bytes("l"));
        return Objects.requireNonNull(
                transaction.get(KeyLayout.element(stem, KeyLayout.KIND_ELEMENT, Version.read(root, 2), suffix)));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
