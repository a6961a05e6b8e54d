package io.kvasir.gateway.command.set;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SetTest {

    private final MapTransaction transaction = new MapTransaction(11);
    private final CommandRunner runner = new CommandRunner(transaction);

    @AfterEach
    void whatMustHoldHolds() {
        transaction.check();
    }

    @Test
    void aSmallSetIsOneRecordInTheOrderOfInsertion() {
        runner.runAll("SADD s b", "SADD s aa b");
        assertEquals(1, transaction.size());
        assertEquals("[\"b\", \"aa\"]", runner.run("SMEMBERS s"));
        // format, type 3, count 2, flags 1 for a listpack, then length and bytes of each member
        assertEquals("010302" + "01" + "0162" + "026161", HexFormat.of().formatHex(root("s")));
        runner.run("SADD i 7");
        assertEquals("010301" + "00" + "0137", HexFormat.of().formatHex(root("i")));
    }

    @Test
    void aMemberOfALargeSetIsARecordUnderItsKeyedHash() {
        runner.run("SADD s f" + "x".repeat(1_100));
        assertEquals(2, transaction.size());
        byte[] root = root("s");
        Version generation = Version.read(root, 2);
        HexFormat hex = HexFormat.of();
        // The first number that the transaction draws from its seed.
        String seed = hex.toHexDigits(new SplittableRandom(11).nextLong());
        assertEquals("0123" + "01" + "02" + seed, hex.formatHex(root, 0, 2) + hex.formatHex(root, 14, root.length));
        assertEquals("50f5647d2380309d", seed);
        String member = "f" + "x".repeat(1_100);
        byte[] prefix = KeyLayout.elementPrefix(KeyLayout.stem(1, bytes("s")), KeyLayout.KIND_ELEMENT, generation);
        byte[] suffix = concat(hex.parseHex("aac2f815"), bytes(member));
        assertArrayEquals(new byte[0], transaction.get(concat(prefix, suffix)));
    }

    @Test
    void aSetLeavesItsRootAtOneKibibyteAndNotBefore() {
        runner.run("SADD s " + "x".repeat(1_021));
        assertEquals(1, transaction.size(), "1 byte of flags, 2 of length and 1021 are 1024");
        runner.run("SADD s \"\"");
        assertEquals(3, transaction.size());
        runner.run("SREM s " + "x".repeat(1_021));
        assertEquals(2, transaction.size(), "a set in records stays so");
        assertEquals("1", runner.run("SISMEMBER s \"\""));
    }

    @Test
    void everyWriteToAMemberGivesTheRootANewVersion() {
        fill("s", 500);
        byte[] root = KeyLayout.root(1, bytes("s"));
        Version before = transaction.version(root);
        runner.run("SADD s other");
        assertNotEquals(before, transaction.version(root));
        before = transaction.version(root);
        runner.run("SREM s member9");
        assertNotEquals(before, transaction.version(root));
        before = transaction.version(root);
        runner.runAll("SREM s nothing", "SADD s member8");
        assertEquals(before, transaction.version(root));
    }

    @Test
    void theLastMemberTakesTheKeyWithIt() {
        fill("s", 300);
        assertEquals("299", removed("s", 299));
        assertEquals("\"member299\"", runner.run("SPOP s"));
        assertEquals(List.of(KeyspaceEvent.SPOP, KeyspaceEvent.DEL), transaction.events());
        assertEquals(0, transaction.size());
    }

    @Test
    void aLargeSetIsCopiedRenamedAndRemovedWithAllItsRecords() {
        fill("s", 300);
        runner.runAll("SET copy v", "COPY s copy REPLACE", "SREM copy member1", "RENAME s renamed");
        assertEquals(List.of("299", "300"), runner.runAll("SCARD copy", "SCARD renamed"));
        assertEquals(List.of("0", "1"), runner.runAll("SISMEMBER copy member1", "SISMEMBER renamed member1"));
        assertEquals("2", runner.run("DEL copy renamed"));
        assertEquals(0, transaction.size());
    }

    @Test
    void poppingMostOfALargeSetWritesWhatIsLeftOnly() {
        fill("s", 3_000);
        Set<String> popped = members("SPOP s 2990");
        assertTrue(transaction.writtenBytes() < 2_000, "wrote " + transaction.writtenBytes());
        assertEquals(2_990, popped.size());
        Set<String> left = members("SMEMBERS s");
        assertEquals(10, left.size());
        assertEquals(11, transaction.size());
        left.addAll(popped);
        assertEquals(3_000, left.size());
        assertEquals("10", Integer.toString(members("SPOP s 10").size()));
        assertEquals(0, transaction.size());
    }

    @Test
    void resultsLargerThanOneEntryAreStored() {
        String tail = "x".repeat(400_000);
        for (int i = 0; i < 12; i++) {
            runner.run("SADD s" + i % 2 + " " + i + tail);
        }
        int size = transaction.size();
        assertEquals("12", runner.run("SUNIONSTORE other s0 s1"));
        assertEquals(size + 13, transaction.size());
        assertEquals("0", runner.run("SINTERSTORE s0 s0 s1"));
        assertEquals(size + 6, transaction.size());
    }

    @Test
    void aScanOfALargeSetFindsAllThatIsThereThroughout() {
        fill("s", 1_000);
        Set<String> found = new TreeSet<>();
        String cursor = "0";
        int pages = 0;
        do {
            List<Reply> parts = ((Reply.Array) reply("SSCAN s " + cursor + " COUNT 20")).elements();
            List<Reply> page = ((Reply.Array) parts.get(1)).elements();
            assertTrue(page.size() <= 21, "page of " + page.size());
            page.forEach(member -> found.add(text(member)));
            cursor = text(parts.get(0));
            runner.runAll("SREM s member" + pages, "SADD s new" + pages);
            pages++;
        } while (!cursor.equals("0"));
        for (int i = pages; i < 1_000; i++) {
            assertTrue(found.contains("member" + i), "member" + i + " was there throughout");
        }
        assertTrue(pages >= 45, "only " + pages + " pages");
    }

    @Test
    void aScanGoesOnOverASetThatWasRewritten() {
        fill("s", 1_000);
        List<Reply> parts = ((Reply.Array) reply("SSCAN s 0 COUNT 500")).elements();
        Set<String> found = members(parts.get(1));
        runner.run("SPOP s 900");
        Set<String> left = members("SMEMBERS s");
        found.addAll(members(((Reply.Array) reply("SSCAN s " + text(parts.get(0)) + " COUNT 1000"))
                .elements()
                .get(1)));
        assertTrue(found.containsAll(left));
    }

    @Test
    void encodingsAreThoseOfRedis72() {
        assertEquals(List.of("1", "\"intset\""), runner.runAll("SADD s 1", "OBJECT ENCODING s"));
        assertEquals(List.of("1", "\"listpack\""), runner.runAll("SADD s a", "OBJECT ENCODING s"));
        runner.runAll("SREM s a", "SADD s " + "x".repeat(64));
        assertEquals("\"listpack\"", runner.run("OBJECT ENCODING s"));
        runner.run("SADD s " + "x".repeat(65));
        assertEquals("\"hashtable\"", runner.run("OBJECT ENCODING s"));
        fill("l", 128);
        assertEquals("\"listpack\"", runner.run("OBJECT ENCODING l"));
        runner.runAll("SADD l one", "SPOP l 100");
        assertEquals("\"hashtable\"", runner.run("OBJECT ENCODING l"));
        numbers("i", 512);
        assertEquals("\"intset\"", runner.run("OBJECT ENCODING i"));
        runner.run("SADD i 600");
        assertEquals("\"hashtable\"", runner.run("OBJECT ENCODING i"));
        runner.run("SINTERSTORE j i i");
        assertEquals("\"hashtable\"", runner.run("OBJECT ENCODING j"));
        runner.runAll("SREM i 600 1 2", "SINTERSTORE j i i");
        assertEquals("\"intset\"", runner.run("OBJECT ENCODING j"));
    }

    @Test
    void repliesHaveTheShapesOfRedis() {
        runner.run("SADD s a");
        assertEquals(Reply.SetOf.class, reply("SMEMBERS s").getClass());
        assertEquals(Reply.SetOf.class, reply("SPOP nothing 2").getClass());
        assertEquals(Reply.NULL, reply("SPOP nothing"));
        assertEquals(Reply.EMPTY_ARRAY, reply("SRANDMEMBER nothing 3"));
        assertEquals("[\"0\", []]", runner.run("SSCAN nothing 0 NO SUCH OPTION"));
        assertEquals("ERR value is out of range", runner.run("SRANDMEMBER s -1000001"));
    }

    private String removed(String key, int count) {
        int removed = 0;
        for (int i = 0; i < count; i++) {
            removed += Integer.parseInt(runner.run("SREM " + key + " member" + i));
        }
        return Integer.toString(removed);
    }

    private void fill(String key, int members) {
        List<String> words = new ArrayList<>(List.of("SADD", key));
        for (int i = 0; i < members; i++) {
            words.add("member" + i);
        }
        runner.run(String.join(" ", words));
    }

    private void numbers(String key, int members) {
        List<String> words = new ArrayList<>(List.of("SADD", key));
        for (int i = 0; i < members; i++) {
            words.add(Integer.toString(i));
        }
        runner.run(String.join(" ", words));
    }

    private byte[] root(String key) {
        return Objects.requireNonNull(transaction.get(KeyLayout.root(1, bytes(key))));
    }

    private Set<String> members(String line) {
        return members(reply(line));
    }

    private static Set<String> members(Reply reply) {
        Set<String> members = new TreeSet<>();
        List<Reply> elements = reply instanceof Reply.SetOf set ? set.elements() : ((Reply.Array) reply).elements();
        elements.forEach(member -> members.add(text(member)));
        return members;
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

    private static byte[] concat(byte[] one, byte[] other) {
        byte[] both = java.util.Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }
}
