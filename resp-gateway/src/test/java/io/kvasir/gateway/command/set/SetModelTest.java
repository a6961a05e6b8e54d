package io.kvasir.gateway.command.set;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.command.CommandRunner;
import io.kvasir.gateway.type.MapTransaction;
import io.kvasir.proto.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random commands over three sets that are mostly in records, against sets of Java. */
final class SetModelTest {

    private static final int COMMANDS = 1_500;
    private static final int NAMES = 600;
    private static final String TAIL = "-".repeat(20);

    private final MapTransaction transaction = new MapTransaction(3);
    private final CommandRunner runner = new CommandRunner(transaction);
    private final List<Set<String>> model = List.of(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void aLargeSetIsASet(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < COMMANDS; i++) {
            step(random);
            int s = random.nextInt(3);
            assertEquals(Integer.toString(model.get(s).size()), runner.run("SCARD s" + s));
            String name = name(random);
            assertEquals(model.get(s).contains(name) ? "1" : "0", runner.run("SISMEMBER s" + s + " " + name));
            if (i % 100 == 0) {
                check();
            }
        }
        check();
    }

    private void step(SplittableRandom random) {
        int s = random.nextInt(3);
        int other = random.nextInt(3);
        Set<String> set = model.get(s);
        switch (random.nextInt(9)) {
            case 0, 1, 2 -> {
                Set<String> names = names(random, 40);
                int added = (int) names.stream().filter(set::add).count();
                assertEquals(Integer.toString(added), runner.run("SADD s" + s + " " + String.join(" ", names)));
            }
            case 3, 4 -> {
                Set<String> names = names(random, 40);
                int removed = (int) names.stream().filter(set::remove).count();
                assertEquals(Integer.toString(removed), runner.run("SREM s" + s + " " + String.join(" ", names)));
            }
            case 5 -> {
                int count = random.nextInt(random.nextInt(5) == 0 ? 1 + 2 * set.size() : 30);
                Set<String> popped = members("SPOP s" + s + " " + count);
                assertEquals(Math.min(count, set.size()), popped.size());
                assertTrue(set.containsAll(popped));
                set.removeAll(popped);
            }
            case 6 -> {
                String name = name(random);
                boolean moved = set.contains(name);
                assertEquals(moved ? "1" : "0", runner.run("SMOVE s" + s + " s" + other + " " + name));
                if (moved) {
                    set.remove(name);
                    model.get(other).add(name);
                }
            }
            default -> store(random, s, other);
        }
    }

    private void store(SplittableRandom random, int s, int other) {
        int target = random.nextInt(3);
        Set<String> result = new TreeSet<>(model.get(s));
        String command =
                switch (random.nextInt(6)) {
                    case 0 -> {
                        result.retainAll(model.get(other));
                        yield "SINTERSTORE";
                    }
                    case 1 -> {
                        result.removeAll(model.get(other));
                        yield "SDIFFSTORE";
                    }
                    default -> {
                        result.addAll(model.get(other));
                        yield "SUNIONSTORE";
                    }
                };
        String stored = runner.run(command + " s" + target + " s" + s + " s" + other);
        assertEquals(Integer.toString(result.size()), stored);
        model.get(target).clear();
        model.get(target).addAll(result);
    }

    private void check() {
        transaction.check();
        for (int s = 0; s < 3; s++) {
            assertEquals(model.get(s), members("SMEMBERS s" + s));
            assertEquals(model.get(s), scanned("s" + s));
        }
    }

    private Set<String> scanned(String key) {
        Set<String> found = new TreeSet<>();
        String cursor = "0";
        do {
            List<Reply> parts = ((Reply.Array) reply("SSCAN " + key + " " + cursor + " COUNT 7")).elements();
            ((Reply.Array) parts.get(1)).elements().forEach(member -> found.add(text(member)));
            cursor = text(parts.getFirst());
        } while (!cursor.equals("0"));
        return found;
    }

    private static Set<String> names(SplittableRandom random, int countMax) {
        Set<String> names = new TreeSet<>();
        for (int left = 1 + random.nextInt(countMax); left > 0; left--) {
            names.add(name(random));
        }
        return names;
    }

    private static String name(SplittableRandom random) {
        return random.nextInt(NAMES) + TAIL;
    }

    private Set<String> members(String line) {
        Set<String> members = new TreeSet<>();
        new ArrayList<>(((Reply.SetOf) reply(line)).elements()).forEach(member -> members.add(text(member)));
        return members;
    }

    private Reply reply(String line) {
        return runner.run(CommandRunner.split(line));
    }

    private static String text(Reply reply) {
        return new String(((Reply.Bulk) reply).bytes(), StandardCharsets.ISO_8859_1);
    }
}
