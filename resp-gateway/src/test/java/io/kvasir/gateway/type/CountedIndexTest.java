package io.kvasir.gateway.type;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class CountedIndexTest {

    private static final byte[] PREFIX = {7, 7};
    private static final CountedIndex.Limits SMALL = new CountedIndex.Limits(8, 4);
    private static final CountedIndex.Limits NARROW = new CountedIndex.Limits(4, 16);

    /** A million; {@code -Dkvasir.index.positions=10000000} for more. */
    private static final int MANY = Integer.getInteger("kvasir.index.positions", 1_000_000);

    private final MapTransaction transaction = new MapTransaction(5);

    static Stream<CountedIndex.Limits> limits() {
        return Stream.of(SMALL, NARROW, CountedIndex.LIMITS);
    }

    @ParameterizedTest
    @MethodSource("limits")
    void itIsASetThatCounts(CountedIndex.Limits limits) {
        SplittableRandom random = new SplittableRandom(limits.blockMax());
        TreeSet<byte[]> model = new TreeSet<>(Arrays::compareUnsigned);
        model.add(position(random, 1));
        CountedIndex index = CountedIndex.build(transaction, PREFIX, limits, List.copyOf(model));
        for (int step = 0; step < 12_000; step++) {
            // Grows, then shrinks, and again.
            boolean growing = step / 3_000 % 2 == 0;
            byte[] position = position(random, 4_000);
            if (random.nextInt(10) < (growing ? 8 : 3)) {
                if (model.add(position)) {
                    index.add(position);
                }
            } else if (model.size() > 1) {
                byte[] victim = model.ceiling(position) == null ? model.first() : model.ceiling(position);
                model.remove(victim);
                index.remove(victim);
            }
            assertEquals(model.headSet(position).size(), index.countBefore(position), "step " + step);
            if (step % 100 == 0) {
                checkOrder(index, model, random);
            }
            if (random.nextInt(20) == 0) {
                index = reopened(index, limits);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("limits")
    void edgesAreKeptAsTheyAreSaid(CountedIndex.Limits limits) {
        SplittableRandom random = new SplittableRandom(1);
        TreeSet<byte[]> model = new TreeSet<>(Arrays::compareUnsigned);
        while (model.size() < 300) {
            model.add(position(random, 100_000));
        }
        CountedIndex index = CountedIndex.build(transaction, PREFIX, limits, List.copyOf(model));
        for (int step = 0; step < 2_000; step++) {
            if (random.nextBoolean() && model.size() > 2) {
                byte[] low = model.pollFirst();
                index.remove(low);
                index.raiseFloor(low);
                byte[] high = model.pollLast();
                index.remove(high);
                index.lowerCeiling(high);
            }
            byte[] position = position(random, 100_000);
            if (random.nextInt(5) < 4 && model.add(position)) {
                index.add(position);
            }
            index = reopened(index, limits);
            assertEquals(model.headSet(position).size(), index.countBefore(position));
            checkOrder(index, model, random);
        }
    }

    @ParameterizedTest
    @MethodSource("limits")
    void allThatWasAddedCanBeRemovedAndNoNodeIsLeft(CountedIndex.Limits limits) {
        List<byte[]> positions = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            positions.add(ByteBuffer.allocate(4).putInt(i).array());
        }
        CountedIndex index = CountedIndex.build(transaction, PREFIX, limits, positions.subList(0, 1));
        for (byte[] position : positions.subList(1, positions.size())) {
            index.add(position);
        }
        assertTrue(index.height() > 1 || limits == CountedIndex.LIMITS);
        index = reopened(index, limits);
        for (byte[] position : positions) {
            index.remove(position);
        }
        index.flush();
        assertEquals(1, index.height());
        assertEquals(2, transaction.size(), "the root's two records");
    }

    @Test
    void itsRecordsAreThoseOfTheSpecification() {
        List<byte[]> positions = new ArrayList<>();
        for (String position : List.of("aa", "ab", "ac", "b", "c", "cc", "d")) {
            positions.add(position.getBytes(StandardCharsets.US_ASCII));
        }
        CountedIndex index = CountedIndex.build(transaction, PREFIX, new CountedIndex.Limits(4, 4), positions);
        index.flush();
        assertEquals("", HexFormat.of().formatHex(transaction.get(HexFormat.of().parseHex("070702" + "6161"))));
        // Blocks "aa" "ab", "ac" "b", "c" "cc" and "d", with the shortest bounds between.
        assertEquals("00" + "026163" + "0163" + "0164", record("070703" + "00000000"));
        assertEquals("02020201", record("070704" + "00000000"));
        assertEquals(1, index.height());
    }

    @Test
    void ranksOfManyPositionsCostFewRecords() {
        List<byte[]> positions = new ArrayList<>(MANY);
        for (int i = 0; i < MANY; i++) {
            positions.add(ByteBuffer.allocate(12).putLong(3L * i).putInt(i).array());
        }
        CountedIndex built = CountedIndex.build(transaction, PREFIX, CountedIndex.LIMITS, positions);
        built.flush();
        SplittableRandom random = new SplittableRandom(3);
        int most = 0;
        long written = 0;
        int rounds = 200;
        for (int i = 0; i < rounds; i++) {
            int rank = random.nextInt(MANY);
            transaction.begin();
            assertEquals(rank, open(built).countBefore(positions.get(rank)));
            most = Math.max(most, recordsTouched());
            transaction.begin();
            assertArrayEquals(positions.get(rank), at(open(built), rank, false));
            most = Math.max(most, recordsTouched());
            transaction.begin();
            assertArrayEquals(positions.get(rank), at(open(built), rank, true));
            most = Math.max(most, recordsTouched());
            transaction.begin();
            CountedIndex index = open(built);
            byte[] added =
                    ByteBuffer.allocate(12).putLong(3L * rank + 1).putInt(0).array();
            index.add(added);
            index.flush();
            written += transaction.writtenBytes();
            transaction.begin();
            index.remove(added);
            index.flush();
        }
        System.out.println(MANY + " positions: height " + built.height() + ", at most " + most
                + " records read for a rank, " + written / rounds + " bytes written to add one");
        assertTrue(most <= 140, most + " records");
        assertTrue(written / rounds < 400, written / rounds + " bytes");
    }

    private int recordsTouched() {
        return transaction.recordsRead() + transaction.recordsScanned();
    }

    private CountedIndex open(CountedIndex index) {
        return new CountedIndex(
                transaction,
                PREFIX,
                CountedIndex.LIMITS,
                index.height(),
                index.nextNode(),
                index.floor(),
                index.ceiling());
    }

    private CountedIndex reopened(CountedIndex index, CountedIndex.Limits limits) {
        index.flush();
        return new CountedIndex(
                transaction, PREFIX, limits, index.height(), index.nextNode(), index.floor(), index.ceiling());
    }

    private static void checkOrder(CountedIndex index, TreeSet<byte[]> model, SplittableRandom random) {
        int rank = random.nextInt(model.size());
        List<byte[]> expected = new ArrayList<>(model);
        assertArrayEquals(expected.get(rank), at(index, rank, false));
        assertArrayEquals(expected.get(rank), at(index, rank, true));
        int[] next = {rank};
        index.visit(rank, false, position -> {
            assertArrayEquals(expected.get(next[0]++), position);
            return true;
        });
        assertEquals(expected.size(), next[0]);
        index.visit(rank, true, position -> {
            assertArrayEquals(expected.get(rank - (next[0]++ - expected.size())), position);
            return true;
        });
        assertEquals(rank + 1, next[0] - expected.size());
    }

    private static byte[] at(CountedIndex index, long rank, boolean descending) {
        List<byte[]> found = new ArrayList<>();
        index.visit(rank, descending, position -> {
            found.add(position);
            return false;
        });
        return found.getFirst();
    }

    private String record(String key) {
        return HexFormat.of().formatHex(transaction.get(HexFormat.of().parseHex(key)));
    }

    /** Returns one of about {@code count} positions of one to some dozen bytes, many of them starting alike. */
    private static byte[] position(SplittableRandom random, int count) {
        int number = random.nextInt(count);
        String text = Integer.toString(number, 5) + (number % 7 == 0 ? "x".repeat(30) + number : "");
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
