package io.kvasir.gateway.command.zset;

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
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SortedSetTest {

    private static final String WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value";

    private final MapTransaction transaction = new MapTransaction(11);
    private final CommandRunner runner = new CommandRunner(transaction);

    @AfterEach
    void whatMustHoldHolds() {
        transaction.check();
    }

    @Test
    void aSmallSortedSetIsOneRecordInOrder() {
        runner.runAll("ZADD z 1 b 2 a", "ZADD z -0.5 b");
        assertEquals(1, transaction.size());
        byte[] root = transaction.get(KeyLayout.root(1, bytes("z")));
        // Format, type 4, count 2, flags 0, at most 2 members of at most 1 byte; then score, length and bytes of each.
        assertEquals(
                "010402" + "000201" + "401fffffffffffff" + "0162" + "c000000000000000" + "0161",
                HexFormat.of().formatHex(root));
    }

    @Test
    void aMemberOfALargeSortedSetHasTwoRecords() {
        runner.run("ZADD z 1 " + "x".repeat(1_100));
        assertEquals(5, transaction.size(), "root, member, position, and two records of the index' one node");
        byte[] root = Objects.requireNonNull(transaction.get(KeyLayout.root(1, bytes("z"))));
        // Type 4 with a generation, count 1, flags 0, at most 1 member of 1100 bytes, height 1, next node 1, no floor.
        assertEquals("0124", HexFormat.of().formatHex(root, 0, 2));
        assertEquals(
                "01" + "00" + "01" + "cc08" + "01" + "01" + "00", HexFormat.of().formatHex(root, 14, root.length));
        String member = "78".repeat(1_100);
        assertEquals("bff0000000000000", element(root, "01" + "34ccc4f9" + member), "XXH32 of the member");
        assertEquals("", element(root, "02" + "bff0000000000000" + member));
        assertEquals("00", element(root, "03" + "00000000"), "one block from the start");
        assertEquals("01", element(root, "04" + "00000000"), "of one member");
    }

    @Test
    void aSortedSetLeavesItsRootAtOneKibibyteAndNotBefore() {
        runner.run("ZADD z 1 " + "x".repeat(1_010));
        assertEquals(1, transaction.size(), "4 bytes of header, 8 of score, 2 of length and 1010 are 1024");
        runner.run("ZADD z 2 " + "x".repeat(1_010));
        assertEquals(1, transaction.size(), "a member takes its own place again");
        runner.runAll("DEL z", "ZADD z 1 " + "x".repeat(1_011));
        assertEquals(5, transaction.size());
        runner.runAll("ZADD z 1 a", "ZREM z " + "x".repeat(1_011));
        assertEquals(5, transaction.size(), "a sorted set in records stays so");
        assertEquals("1.0", runner.run("ZSCORE z a"));
    }

    @Test
    void everyWriteGivesTheRootANewVersion() {
        fill("z", 500);
        byte[] root = KeyLayout.root(1, bytes("z"));
        for (String command : List.of("ZADD z 5 member7", "ZREM z member9", "ZPOPMIN z", "ZREMRANGEBYRANK z 3 4")) {
            Version before = transaction.version(root);
            runner.run(command);
            assertNotEquals(before, transaction.version(root), command);
        }
        for (String command : List.of("ZADD z 5 member7", "ZREM z none", "ZADD z NX 1 member7", "ZPOPMIN z 0")) {
            Version before = transaction.version(root);
            runner.run(command);
            assertEquals(before, transaction.version(root), command);
        }
    }

    @Test
    void theLastMemberTakesTheKeyWithIt() {
        fill("z", 300);
        assertEquals("299", runner.run("ZREMRANGEBYRANK z 0 -2"));
        assertEquals(List.of("1", "1"), runner.runAll("ZCARD z", "EXISTS z"));
        assertEquals("1", runner.run("ZREM z member299"));
        assertEquals(List.of(KeyspaceEvent.ZREM, KeyspaceEvent.DEL), transaction.events());
        assertEquals(0, transaction.size());
        fill("z", 300);
        assertEquals("300", runner.run("ZREMRANGEBYSCORE z -inf +inf"));
        assertEquals(List.of(KeyspaceEvent.ZREMRANGEBYSCORE, KeyspaceEvent.DEL), transaction.events());
        assertEquals(0, transaction.size());
    }

    @Test
    void aLargeSortedSetIsCopiedRenamedAndRemovedWithAllItsRecords() {
        fill("z", 300);
        runner.runAll("SET copy v", "COPY z copy REPLACE", "ZADD copy 9999 member1", "RENAME z renamed");
        assertEquals(List.of("300", "300"), runner.runAll("ZCARD copy", "ZCARD renamed"));
        assertEquals(List.of("299", "1"), runner.runAll("ZRANK copy member1", "ZRANK renamed member1"));
        assertEquals("2", runner.run("DEL copy renamed"));
        assertEquals(0, transaction.size());
    }

    @Test
    void whatIsStoredReplacesWhatWasThereWithItsExpiry() {
        fill("z", 300);
        runner.runAll("SET target v EX 1000", "ZRANGESTORE target z 0 1");
        assertEquals(List.of(KeyspaceEvent.ZRANGESTORE), transaction.events());
        assertEquals(List.of("-1", "2"), runner.runAll("TTL target", "ZCARD target"));
        runner.run("ZUNIONSTORE target 2 z target");
        assertEquals(
                List.of("300", "2.0", "298.0"),
                runner.runAll("ZCARD target", "ZSCORE target member1", "ZSCORE target member298"));
        assertEquals("0", runner.run("ZINTERSTORE target 2 z none"));
        assertEquals(List.of(KeyspaceEvent.DEL), transaction.events());
        assertEquals("0", runner.run("EXISTS target"));
    }

    @Test
    void removingAllOfAHugeSortedSetIsOneDeletion() {
        for (String command :
                List.of("DEL z", "ZREMRANGEBYRANK z 0 -1", "ZREMRANGEBYSCORE z 0 +inf", "ZPOPMAX z 9999")) {
            fill("z", 3_000);
            runner.run(command);
            assertEquals(1, transaction.deletedSingly(), command + ": the root alone");
            assertEquals(0, transaction.size(), command);
        }
    }

    @Test
    void scoresAreNumbersOrRefused() {
        runner.run("ZADD z inf a -inf b 0 c");
        assertEquals("ERR resulting score is not a number (NaN)", runner.run("ZINCRBY z -inf a"));
        assertEquals("ERR value is not a valid float", runner.run("ZADD z nan a"));
        assertEquals("ERR value is not a valid float", runner.run("ZADD z 1 a x b"));
        assertEquals("ERR min or max is not a float", runner.run("ZRANGEBYSCORE z nan 1"));
        assertEquals("ERR weight value is not a float", runner.run("ZUNION 1 z WEIGHTS nan"));
        assertEquals("[\"b\", \"c\", \"a\"]", runner.run("ZRANGE z 0 -1"));
        assertEquals("[\"a\", \"b\", \"c\"]", runner.run("ZUNION 1 z WEIGHTS 0"), "0 times infinity is 0");
        assertEquals("[\"a\", Infinity]", runner.run("ZPOPMAX z"));
        runner.run("ZADD z -0 c");
        assertEquals("0.0", runner.run("ZSCORE z c"));
    }

    @Test
    void ranksAreAnsweredWithScores() {
        runner.run("ZADD z 1 a 2.5 b");
        assertEquals("[1, 2.5]", runner.run("ZRANK z b WITHSCORE"));
        assertEquals("[0, 2.5]", runner.run("ZREVRANK z b withscore"));
        assertEquals(Reply.NULL_ARRAY, reply("ZRANK z none WITHSCORE"));
        assertEquals(Reply.NULL_ARRAY, reply("ZRANK none a WITHSCORE"));
        assertEquals(Reply.NULL, reply("ZRANK z none"));
        assertEquals("ERR syntax error", runner.run("ZRANK z b x"));
        assertEquals("ERR wrong number of arguments for 'zrank' command", runner.run("ZRANK z b WITHSCORE x"));
    }

    @Test
    void theEncodingIsThatOfRedis() {
        fill("z", 128);
        assertEquals("\"listpack\"", runner.run("OBJECT ENCODING z"));
        runner.run("ZADD z 1 one-more");
        assertEquals("\"skiplist\"", runner.run("OBJECT ENCODING z"));
        runner.run("ZREMRANGEBYRANK z 5 -1");
        assertEquals("\"skiplist\"", runner.run("OBJECT ENCODING z"), "it stays so");
        runner.run("ZRANGESTORE copy z 0 -1");
        assertEquals("\"listpack\"", runner.run("OBJECT ENCODING copy"));
        runner.runAll("ZADD y 1 " + "x".repeat(64), "ZADD x 1 " + "x".repeat(65));
        assertEquals(List.of("\"listpack\"", "\"skiplist\""), runner.runAll("OBJECT ENCODING y", "OBJECT ENCODING x"));
    }

    @Test
    void aScanOfALargeSortedSetFindsAllThatIsThereThroughout() {
        fill("z", 1_000);
        Set<String> found = new TreeSet<>();
        String cursor = "0";
        int pages = 0;
        do {
            List<Reply> parts = ((Reply.Array) reply("ZSCAN z " + cursor + " COUNT 20")).elements();
            List<Reply> page = ((Reply.Array) parts.get(1)).elements();
            assertTrue(page.size() <= 2 * 21, "page of " + page.size());
            for (int i = 0; i < page.size(); i += 2) {
                found.add(text(page.get(i)));
            }
            cursor = text(parts.get(0));
            runner.runAll("ZREM z member" + pages, "ZADD z 1 new" + pages);
            pages++;
        } while (!cursor.equals("0"));
        for (int i = pages; i < 1_000; i++) {
            assertTrue(found.contains("member" + i), "member" + i + " was there throughout");
        }
        assertTrue(pages >= 45, "only " + pages + " pages");
    }

    @Test
    void randomMembersAreEquallyLikely() {
        fill("z", 300);
        Map<String, Integer> drawn = new HashMap<>();
        for (int i = 0; i < 30; i++) {
            for (Reply member : ((Reply.Array) reply("ZRANDMEMBER z -10")).elements()) {
                drawn.merge(text(member), 1, Integer::sum);
            }
            Set<String> distinct = new TreeSet<>();
            for (Reply member : ((Reply.Array) reply("ZRANDMEMBER z 15")).elements()) {
                assertTrue(distinct.add(text(member)));
            }
            assertEquals(15, distinct.size());
        }
        int most = drawn.values().stream().mapToInt(times -> times).max().orElseThrow();
        assertTrue(most <= 8, "one member was drawn " + most + " times of 300 from 300");
        assertTrue(drawn.size() > 150, "only " + drawn.size() + " different members");
    }

    @Test
    void keysOfOtherTypesAreRefusedBeforeOptionsAreRead() {
        runner.runAll("SET s v", "ZADD z 1 a", "SADD set b");
        assertEquals(WRONG_TYPE, runner.run("ZUNION 2 z s NO SUCH OPTION"));
        assertEquals("ERR syntax error", runner.run("ZUNION 2 z set NO SUCH OPTION"));
        assertEquals("[\"a\", \"b\"]", runner.run("ZUNION 2 z set"));
        assertEquals(WRONG_TYPE, runner.run("ZRANGESTORE target s 0 -1"));
        assertEquals("1", runner.run("ZRANGESTORE s z 0 -1"));
    }

    private void fill(String key, int members) {
        List<String> words = new ArrayList<>(List.of("ZADD", key));
        for (int i = 0; i < members; i++) {
            words.add(Integer.toString(i));
            words.add("member" + i);
        }
        runner.run(String.join(" ", words));
    }

    private String element(byte[] root, String suffix) {
        byte[] key = KeyLayout.element(
                KeyLayout.stem(1, bytes("z")),
                KeyLayout.KIND_ELEMENT,
                Version.read(root, 2),
                HexFormat.of().parseHex(suffix));
        return HexFormat.of().formatHex(Objects.requireNonNull(transaction.get(key), suffix));
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
