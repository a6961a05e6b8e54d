package io.kvasir.gateway.type;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandRunner;
import io.kvasir.proto.key.KeyHash;
import io.kvasir.proto.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Draws from a fixed seed, by their chi-square: its mean is the number of elements, its variance twice that. */
final class ElementDrawTest {

    private static final int MEMBERS = 1_500;
    private static final int DRAWS_PER_MEMBER = 20;
    private static final double DEVIATIONS_MAX = 4;

    private final MapTransaction transaction = new MapTransaction(2_024);
    private final CommandRunner runner = new CommandRunner(transaction);

    @Test
    void membersWhosePlainHashesClusterAreDrawnEquallyOften() throws CommandError {
        List<String> members = clustered();
        add("s", members);
        assertEquals(MEMBERS + 1, transaction.size());
        Map<String, Integer> drawn = new HashMap<>();
        for (int i = 0; i < MEMBERS * DRAWS_PER_MEMBER; i++) {
            drawn.merge(text(reply("SRANDMEMBER s")), 1, Integer::sum);
        }
        assertUniform(members, drawn);
    }

    @Test
    void membersArePoppedEquallyOften() {
        List<String> members = clustered().subList(0, 400);
        add("s", members);
        Map<String, Integer> popped = new HashMap<>();
        for (int i = 0; i < members.size() * DRAWS_PER_MEMBER / 2; i++) {
            String one = text(reply("SPOP s"));
            popped.merge(one, 1, Integer::sum);
            List<Reply> two = ((Reply.SetOf) reply("SPOP s 1")).elements();
            popped.merge(text(two.getFirst()), 1, Integer::sum);
            assertEquals("2", runner.run("SADD s " + one + " " + text(two.getFirst())));
        }
        assertUniform(members, popped);
    }

    @Test
    void severalDifferentMembersAreDrawnEquallyOftenWholeOrNot() {
        List<String> members = clustered();
        add("s", members);
        for (int count : new int[] {10, 300}) {
            Map<String, Integer> drawn = new HashMap<>();
            for (int i = 0; i < MEMBERS * DRAWS_PER_MEMBER / count; i++) {
                Set<String> distinct = new HashSet<>();
                for (Reply member : ((Reply.Array) reply("SRANDMEMBER s " + count)).elements()) {
                    assertTrue(distinct.add(text(member)));
                    drawn.merge(text(member), 1, Integer::sum);
                }
                assertEquals(count, distinct.size());
            }
            assertUniform(members, drawn);
        }
    }

    @Test
    void fieldsOfALargeHashAreDrawnEquallyOften() {
        List<String> fields = new ArrayList<>();
        List<String> words = new ArrayList<>(List.of("HSET", "h"));
        for (int i = 0; i < MEMBERS; i++) {
            fields.add("field" + i);
            words.add("field" + i);
            words.add("v");
        }
        runner.run(String.join(" ", words));
        Map<String, Integer> drawn = new HashMap<>();
        for (int i = 0; i < MEMBERS * DRAWS_PER_MEMBER; i++) {
            drawn.merge(text(reply("HRANDFIELD h")), 1, Integer::sum);
        }
        assertUniform(fields, drawn);
    }

    @Test
    void aDrawReadsAsFewRecordsOfAHugeSetAsOfALargeOne() {
        for (int size : new int[] {2_000, 60_000}) {
            List<String> members = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                members.add("member" + i);
                if (members.size() == 10_000 || i == size - 1) {
                    add("s" + size, members);
                    members.clear();
                }
            }
            long read = 0;
            for (int i = 0; i < 400; i++) {
                reply("SRANDMEMBER s" + size);
                read += transaction.recordsRead();
            }
            assertTrue(read / 400 < 100, read / 400 + " records a draw of " + size);
        }
    }

    /** Returns members of which half have one of every 256 values of XXH32, next to each other. */
    private static List<String> clustered() {
        List<String> members = new ArrayList<>();
        int near = 0;
        for (int i = 0; members.size() < MEMBERS; i++) {
            String member = "member" + i;
            boolean isNear = KeyHash.of(bytes(member)) >>> 24 == 77;
            if (isNear || members.size() < MEMBERS / 2 + near) {
                members.add(member);
                near += isNear ? 1 : 0;
            }
        }
        return members;
    }

    private static void assertUniform(List<String> members, Map<String, Integer> drawn) {
        double total = drawn.values().stream().mapToInt(times -> times).sum();
        double expected = total / members.size();
        double chiSquare = 0;
        for (String member : members) {
            double difference = drawn.getOrDefault(member, 0) - expected;
            chiSquare += difference * difference / expected;
        }
        assertEquals(members.size(), new HashSet<>(members).size());
        assertTrue(members.containsAll(drawn.keySet()));
        double deviations = (chiSquare - members.size()) / Math.sqrt(2.0 * members.size());
        assertTrue(deviations < DEVIATIONS_MAX, deviations + " standard deviations above the mean");
    }

    private void add(String key, List<String> members) {
        runner.run("SADD " + key + " " + String.join(" ", members));
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
