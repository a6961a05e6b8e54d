package io.kvasir.gateway.command.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandRunner;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.MapRanges;
import io.kvasir.gateway.type.MapTransaction;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** SCAN, KEYS, DBSIZE and RANDOMKEY over a database in several ranges. */
final class ScanTest {

    private static final int DATABASE_0_INSTANCE = 1;

    private final CommandTable table = new CommandTable(List.of());
    private final MapTransaction transaction = new MapTransaction(7);
    private final CommandRunner runner = new CommandRunner(transaction);
    private final MapRanges ranges = new MapRanges(transaction, table);
    private final Set<String> expected = new TreeSet<>();

    @Test
    void everyKeyIsFoundOnceOverQuietRanges() throws CommandError {
        fill(500, "key:", "{tag}");
        splitInto(8);
        Map<String, Integer> found = scan("COUNT 7", () -> {});
        assertEquals(expected, new TreeSet<>(found.keySet()));
        // Repetition is allowed, but there is no cause for it here: no cut falls between keys of one hash.
        assertEquals(
                expected.size(),
                found.values().stream().mapToInt(times -> times).sum());
    }

    @Test
    void keysThereThroughoutAreFoundWhateverSplitsAndMergesMeanwhile() throws CommandError {
        fill(400, "key:", "{tag}");
        SplittableRandom random = new SplittableRandom(3);
        Map<String, Integer> found = scan("COUNT 5", () -> {
            if (random.nextInt(4) == 0) {
                ranges.merge();
            }
            splitInto(1 + random.nextInt(3));
            runner.run("SET passing:" + random.nextInt(50) + " v");
            runner.run("DEL passing:" + random.nextInt(50));
        });
        found.keySet().removeIf(key -> key.startsWith("passing:"));
        assertEquals(expected, new TreeSet<>(found.keySet()));
    }

    @Test
    void aRangeThatChangesBetweenTwoPagesOfOneCommandIsLookedUpAnew() throws CommandError {
        fill(300, "key:", "{tag}");
        ranges.afterCall(() -> splitInto(1));
        Map<String, Integer> found = scan("COUNT 100", () -> {});
        assertEquals(expected, new TreeSet<>(found.keySet()));
    }

    @Test
    void recordsOfElementsAndOtherDatabasesAreSkipped() throws CommandError {
        StringBuilder large = new StringBuilder("HSET large");
        for (int i = 0; i < 300; i++) {
            large.append(" field").append(i).append(" value").append(i);
        }
        runner.run(large.toString());
        expected.add("large");
        fill(20, "a:", "{large}");
        for (int i = 0; i < 200; i++) {
            runner.run("SET moved:" + i + " v");
            runner.run("MOVE moved:" + i + " " + (1 + i % 2));
        }
        assertTrue(transaction.size() > 300, "the hash has records of its own");
        assertEquals(expected, new TreeSet<>(scan("COUNT 3", () -> {}).keySet()));
    }

    @Test
    void keysOfOneHashComeInOnePageAndTheCutBetweenThemIsCrossed() throws CommandError {
        fill(50, "key:", "k");
        String first = expected.iterator().next();
        byte[] stem = KeyLayout.stem(DATABASE_0_INSTANCE, bytes(first));
        ranges.split(stem);
        ranges.split(KeyLayout.stemEnd(stem));
        assertEquals(expected, new TreeSet<>(scan("COUNT 1", () -> {}).keySet()));
    }

    @Test
    void onePageExaminesABoundedNumberOfRecords() throws CommandError {
        for (int i = 0; i < 3 * KeyPage.STEPS_MAX; i++) {
            runner.run("SET k" + i + " v PX 1000");
        }
        transaction.begin(transaction.timeMillis() + 2_000);
        Reply page = run("SCAN 0 COUNT 1000000000");
        assertTrue(ranges.calls() >= 3, "all in one call");
        assertEquals("[\"0\", []]", CommandRunner.text(page));
    }

    @Test
    void expiredKeysAreNotReturned() throws CommandError {
        runner.run("SET lasting v");
        runner.run("SET passing v PX 500");
        transaction.begin(transaction.timeMillis() + 500);
        assertEquals("[\"0\", [\"lasting\"]]", CommandRunner.text(run("SCAN 0")));
        assertEquals("[\"lasting\"]", CommandRunner.text(run("KEYS *")));
        assertEquals("\"lasting\"", CommandRunner.text(run("RANDOMKEY")));
        assertEquals("2", CommandRunner.text(run("DBSIZE")));
    }

    @Test
    void sizeAndKeysAddUpOverRanges() throws CommandError {
        fill(300, "key:", "{tag}");
        splitInto(5);
        assertEquals("300", CommandRunner.text(run("DBSIZE")));
        Set<String> keys = new TreeSet<>();
        ((Reply.Array) run("KEYS *")).elements().forEach(key -> keys.add(text(key)));
        assertEquals(expected, keys);
    }

    @Test
    void sizeIsExactThoughRangesMergeWhileTheyAreAsked() throws CommandError {
        fill(300, "key:", "{tag}");
        splitInto(5);
        int[] left = {3};
        ranges.afterCall(() -> {
            if (left[0]-- == 0) {
                ranges.merge();
            }
        });
        assertEquals("300", CommandRunner.text(run("DBSIZE")));
    }

    @Test
    void randomKeysAreSpreadOverAllKeysAndRanges() throws CommandError {
        fill(40, "key:", "{tag}");
        splitInto(4);
        Map<String, Integer> drawn = new HashMap<>();
        for (int i = 0; i < 4_000; i++) {
            drawn.merge(text(run("RANDOMKEY")), 1, Integer::sum);
        }
        assertEquals(expected, new TreeSet<>(drawn.keySet()));
        int most = drawn.values().stream().mapToInt(times -> times).max().orElseThrow();
        assertTrue(most < 600, "one key was drawn " + most + " times of 4000, the mean is 100");
    }

    @Test
    void aCursorOfNoScanIsTheEnd() throws CommandError {
        fill(10, "key:", "k");
        assertEquals("[\"0\", []]", CommandRunner.text(run("SCAN 18446744073709551615")));
        assertEquals("[\"0\", []]", CommandRunner.text(run("SCAN 70368744177664")));
    }

    private void fill(int count, String prefix, String tag) {
        for (int i = 0; i < count; i++) {
            String key = i % 2 == 0 ? prefix + i : tag + i;
            expected.add(key);
            runner.run("SET " + key + " v");
        }
    }

    /** Cuts at the stems of keys, at starts of slots, and in between. */
    private void splitInto(int more) {
        SplittableRandom random = new SplittableRandom(transaction.random());
        List<String> keys = List.copyOf(expected);
        for (int i = 0; i < more; i++) {
            byte[] stem = KeyLayout.stem(random.nextInt(3), bytes(keys.get(random.nextInt(keys.size()))));
            ranges.split(random.nextInt(3) == 0 ? KeyLayout.slotStart(KeyLayout.slotOf(stem)) : stem);
        }
    }

    private Map<String, Integer> scan(String options, Runnable between) throws CommandError {
        Map<String, Integer> found = new HashMap<>();
        String cursor = "0";
        for (int page = 0; page < 10_000; page++) {
            List<Reply> parts = ((Reply.Array) run("SCAN " + cursor + " " + options)).elements();
            ((Reply.Array) parts.get(1)).elements().forEach(key -> found.merge(text(key), 1, Integer::sum));
            cursor = text(parts.get(0));
            if (cursor.equals("0")) {
                return found;
            }
            between.run();
        }
        throw new AssertionError("the scan does not end");
    }

    private Reply run(String line) throws CommandError {
        byte[][] words = CommandRunner.split(line);
        Command.RangeByRange command = (Command.RangeByRange) table.require(words);
        return command.parser().parse(Arguments.of(words, 1, 0, false)).run(ranges);
    }

    private static String text(Reply reply) {
        return new String(((Reply.Bulk) reply).bytes(), StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
