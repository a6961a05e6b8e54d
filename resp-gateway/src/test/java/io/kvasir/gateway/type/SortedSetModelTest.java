package io.kvasir.gateway.type;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.command.CommandError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A sorted set against a map from its positions, over random operations. */
final class SortedSetModelTest {

    private static final byte[] KEY = bytes("z");

    /** Bound of the bytes stated in docs/decisions/0007-counts-apart-from-positions.md. */
    private static final int ADDED_BYTES_MAX = 500;

    private final MapTransaction transaction = new MapTransaction(1);
    private final Map<String, Double> scores = new HashMap<>();
    private final TreeMap<Place, Double> order = new TreeMap<>();

    /** A member's place: scores as numbers, members as their chars, which are all ASCII. */
    private record Place(double score, String member) implements Comparable<Place> {

        @Override
        public int compareTo(Place other) {
            int scores = Double.compare(score, other.score);
            return scores != 0 ? scores : member.compareTo(other.member);
        }
    }

    @AfterEach
    void whatMustHoldHolds() {
        transaction.check();
    }

    @Test
    void itIsAMapInOrderWhateverIsDoneToIt() throws CommandError {
        SplittableRandom random = new SplittableRandom(7);
        for (int step = 0; step < 6_000; step++) {
            transaction.begin();
            SortedSetValue zset = open();
            boolean growing = step / 1_500 % 2 == 0;
            int kind = random.nextInt(100);
            if (kind < (growing ? 70 : 30)) {
                put(zset, "m" + random.nextInt(2_000), score(random));
            } else if (kind < 97) {
                remove(zset, "m" + random.nextInt(2_000));
            } else {
                removeRange(zset, random);
            }
            compare(open(), random, step % 50 == 0);
        }
    }

    @Test
    void addingAMemberWritesFewBytes() throws CommandError {
        int members = 30_000;
        List<ScoredMember> first = new ArrayList<>();
        for (int i = 0; i < members; i++) {
            first.add(new ScoredMember(bytes("member:" + i), i * 7L % members));
        }
        SortedSetValue.replace(Keyspace.of(transaction.begin(), 0).open(KEY), first.subList(0, 20_000));
        long bytes = 0;
        for (ScoredMember member : first.subList(20_000, members)) {
            transaction.begin();
            SortedSetValue zset = open();
            zset.put(member.member(), Double.NaN, member.score());
            zset.store();
            bytes += transaction.writtenBytes();
        }
        long each = bytes / (members - 20_000);
        System.out.println(each + " bytes written to add a member to 20,000");
        assertTrue(each <= ADDED_BYTES_MAX, each + " bytes");
    }

    private static double score(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(-5, 5);
            case 1 -> random.nextDouble() * 1e-3;
            case 2 -> random.nextInt(10) == 0 ? Double.NEGATIVE_INFINITY : -random.nextDouble() * 1e9;
            default -> random.nextInt(1_000);
        };
    }

    private void put(SortedSetValue zset, String member, double score) {
        double old = zset.score(bytes(member));
        assertEquals(scores.getOrDefault(member, Double.NaN), old);
        if (old != score) {
            zset.put(bytes(member), old, score);
            zset.store();
        }
        if (!Double.isNaN(old)) {
            order.remove(new Place(old, member));
        }
        scores.put(member, score);
        order.put(new Place(score, member), score);
    }

    private void remove(SortedSetValue zset, String member) {
        boolean removed = zset.remove(bytes(member));
        assertEquals(scores.containsKey(member), removed);
        if (removed) {
            zset.store();
            order.remove(new Place(scores.remove(member), member));
        }
    }

    private void removeRange(SortedSetValue zset, SplittableRandom random) throws CommandError {
        int size = order.size();
        if (size == 0) {
            return;
        }
        int length = 1 + random.nextInt(Math.min(size, 120));
        int from =
                random.nextInt(3) == 0 ? 0 : random.nextInt(2) == 0 ? size - length : random.nextInt(size - length + 1);
        zset.removeRange(from, length);
        zset.store();
        List<Place> gone = new ArrayList<>(order.keySet()).subList(from, from + length);
        gone.forEach(place -> {
            order.remove(place);
            scores.remove(place.member());
        });
    }

    private void compare(SortedSetValue zset, SplittableRandom random, boolean whole) {
        assertEquals(order.size(), zset.size());
        double score = score(random);
        assertEquals(order.headMap(new Place(score, "")).size(), zset.countBelow(score, false));
        assertEquals(order.headMap(new Place(score, "~")).size(), zset.countBelow(score, true));
        String member = "m" + random.nextInt(2_000);
        Double known = scores.get(member);
        if (known != null) {
            assertEquals(order.headMap(new Place(known, member)).size(), zset.rank(bytes(member), known));
        }
        if (whole) {
            List<String> expected = order.keySet().stream().map(Place::member).toList();
            assertEquals(expected, members(zset, 0, zset.size(), false));
            long from = random.nextInt(order.size() + 1);
            assertEquals(expected.reversed().subList((int) from, order.size()), members(zset, from, zset.size(), true));
        }
    }

    private static List<String> members(SortedSetValue zset, long from, long length, boolean reverse) {
        return zset.slice(from, length, reverse).stream()
                .map(member -> new String(member.member(), StandardCharsets.US_ASCII))
                .toList();
    }

    private SortedSetValue open() throws CommandError {
        return SortedSetValue.open(Keyspace.of(transaction, 0), KEY);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
