package io.kvasir.gateway.command.hash;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.command.CommandRunner;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.MapTransaction;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HashTest {

    private final MapTransaction transaction = new MapTransaction(11);
    private final CommandRunner runner = new CommandRunner(transaction);

    @AfterEach
    void whatMustHoldHolds() {
        transaction.check();
    }

    @Test
    void aSmallHashIsOneRecordInTheOrderOfInsertion() {
        runner.runAll("HSET h b 1 a 2", "HSET h b 33");
        assertEquals(1, transaction.size());
        assertEquals("[\"b\", \"33\", \"a\", \"2\"]", runner.run("HGETALL h"));
        byte[] root = transaction.get(KeyLayout.root(1, bytes("h")));
        // format, type 5, count 2, flags 0, then length and bytes of field and value by turns; see
        // docs/keyspace-root.md
        assertEquals("0105020001620233330161" + "0132", HexFormat.of().formatHex(root));
    }

    @Test
    void aFieldOfALargeHashIsARecordUnderItsHash() {
        runner.run("HSET h f " + "x".repeat(1_100));
        assertEquals(2, transaction.size());
        byte[] root = Objects.requireNonNull(transaction.get(KeyLayout.root(1, bytes("h"))));
        Version generation = Version.read(root, 2);
        assertEquals(
                "0125" + "0101",
                HexFormat.of().formatHex(root, 0, 2) + HexFormat.of().formatHex(root, 14, 16));
        // XXH32("f") = 67188e74
        byte[] suffix = HexFormat.of().parseHex("67188e74" + "66");
        byte[] key = KeyLayout.element(KeyLayout.stem(1, bytes("h")), KeyLayout.KIND_ELEMENT, generation, suffix);
        assertArrayEquals(bytes("x".repeat(1_100)), transaction.get(key));
    }

    @Test
    void aHashLeavesItsRootAtOneKibibyteAndNotBefore() {
        runner.run("HSET h f " + "x".repeat(1_018));
        assertEquals(1, transaction.size(), "1 byte of flags, 2 of field, 2 of length and 1018 are 1023");
        runner.run("HSET h f " + "x".repeat(1_019));
        assertEquals(1, transaction.size(), "a field takes its own place again");
        runner.run("HSET h f " + "x".repeat(1_020));
        assertEquals(2, transaction.size());
        runner.run("HSET h f v");
        assertEquals(2, transaction.size(), "a hash in records stays so");
        assertEquals("\"v\"", runner.run("HGET h f"));
    }

    @Test
    void everyWriteToAFieldGivesTheRootANewVersion() {
        fill("h", 500);
        byte[] root = KeyLayout.root(1, bytes("h"));
        Version before = transaction.version(root);
        runner.run("HSET h field7 other");
        assertNotEquals(before, transaction.version(root));
        before = transaction.version(root);
        runner.run("HDEL h field9");
        assertNotEquals(before, transaction.version(root));
        before = transaction.version(root);
        runner.run("HDEL h nothing");
        assertEquals(before, transaction.version(root));
    }

    @Test
    void theLastFieldTakesTheKeyWithIt() {
        fill("h", 300);
        for (int i = 0; i < 299; i++) {
            assertEquals("1", runner.run("HDEL h field" + i));
        }
        assertEquals(List.of("1", "1"), runner.runAll("HLEN h", "EXISTS h"));
        assertEquals("1", runner.run("HDEL h field299 field299"));
        assertEquals(List.of(KeyspaceEvent.HDEL, KeyspaceEvent.DEL), transaction.events());
        assertEquals(List.of("0", "0"), runner.runAll("HLEN h", "EXISTS h"));
        assertEquals(0, transaction.size());
    }

    @Test
    void aLargeHashIsCopiedRenamedAndRemovedWithAllItsRecords() {
        fill("h", 300);
        runner.runAll("SET copy v", "COPY h copy REPLACE", "HSET copy field1 other", "RENAME h renamed");
        assertEquals(List.of("300", "300"), runner.runAll("HLEN copy", "HLEN renamed"));
        assertEquals(List.of("\"other\"", "\"value1\""), runner.runAll("HGET copy field1", "HGET renamed field1"));
        assertEquals("2", runner.run("DEL copy renamed"));
        assertEquals(0, transaction.size());
    }

    @Test
    void aValueLargerThanOneEntryIsCopied() {
        String chunk = "x".repeat(1 << 20);
        for (int i = 0; i < 6; i++) {
            assertEquals("1", runner.run("HSET h f" + i + " " + chunk));
        }
        int size = transaction.size();
        assertEquals("1", runner.run("COPY h copy"));
        assertEquals(2 * size, transaction.size());
        assertEquals("6", runner.run("HLEN copy"));
    }

    @Test
    void aScanOfALargeHashFindsAllThatIsThereThroughout() {
        fill("h", 1_000);
        Set<String> found = new TreeSet<>();
        String cursor = "0";
        int pages = 0;
        do {
            List<Reply> parts = ((Reply.Array) reply("HSCAN h " + cursor + " COUNT 20")).elements();
            List<Reply> page = ((Reply.Array) parts.get(1)).elements();
            assertTrue(page.size() <= 2 * 21, "page of " + page.size());
            for (int i = 0; i < page.size(); i += 2) {
                found.add(text(page.get(i)));
            }
            cursor = text(parts.get(0));
            runner.runAll("HDEL h field" + pages, "HSET h new" + pages + " v");
            pages++;
        } while (!cursor.equals("0"));
        for (int i = pages; i < 1_000; i++) {
            assertTrue(found.contains("field" + i), "field" + i + " was there throughout");
        }
        assertTrue(pages >= 45, "only " + pages + " pages");
    }

    @Test
    void aCursorOfALargeHashReadsASmallOneWhole() {
        runner.run("HSET h a 1 b 2");
        assertEquals("[\"0\", [\"a\", \"1\", \"b\", \"2\"]]", runner.run("HSCAN h 3999999999 COUNT 1"));
    }

    @Test
    void randomFieldsOfALargeHashAreSpread() {
        fill("h", 3_000);
        Map<String, Integer> drawn = new HashMap<>();
        for (Reply field : ((Reply.Array) reply("HRANDFIELD h -900")).elements()) {
            drawn.merge(text(field), 1, Integer::sum);
        }
        int most = drawn.values().stream().mapToInt(times -> times).max().orElseThrow();
        assertTrue(most <= 8, "one field was drawn " + most + " times of 900 from 3000");
        assertTrue(drawn.size() > 600, "only " + drawn.size() + " different fields");
        Set<String> distinct = new HashSet<>();
        for (Reply field : ((Reply.Array) reply("HRANDFIELD h 900")).elements()) {
            assertTrue(distinct.add(text(field)), "a field twice");
        }
        assertEquals(900, distinct.size());
        assertFalse(((Reply.Bulk) reply("HRANDFIELD h")).bytes().length == 0);
    }

    @Test
    void repliesHaveTheShapesOfRedis() {
        runner.run("HSET h a 1");
        assertEquals(Reply.MapOf.class, reply("HGETALL h").getClass());
        assertEquals(Reply.MapOf.class, reply("HGETALL nothing").getClass());
        assertEquals(Reply.EMPTY_ARRAY, reply("HRANDFIELD nothing 3"));
        assertEquals(Reply.NULL, reply("HRANDFIELD nothing"));
        assertEquals("[\"0\", []]", runner.run("HSCAN nothing 0 NO SUCH OPTION"));
        assertEquals("ERR syntax error", runner.run("HSCAN h 0 NO SUCH OPTION"));
    }

    private void fill(String key, int fields) {
        List<String> words = new ArrayList<>(List.of("HSET", key));
        for (int i = 0; i < fields; i++) {
            words.add("field" + i);
            words.add("value" + i);
        }
        runner.run(String.join(" ", words));
    }

    private Reply reply(String line) {
        return runner.run(CommandRunner.split(line));
    }

    private static String text(Reply reply) {
        return new String(((Reply.Bulk) reply).bytes(), StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
