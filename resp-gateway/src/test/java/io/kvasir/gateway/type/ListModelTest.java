package io.kvasir.gateway.type;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.kvasir.gateway.command.CommandError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random operations on a list whose bounds are so small that it has a tree of several levels, against an
 * {@link ArrayList}. The seed is printed with a failure.
 */
final class ListModelTest {

    private static final byte[] KEY = {'l'};
    private static final ListLayout SMALL = new ListLayout(20, 12, CountTree.CHILDREN_MIN);
    private static final int OPERATIONS = 2_500;

    private final List<String> model = new ArrayList<>();
    private final MapTransaction transaction = new MapTransaction(1);
    private SplittableRandom random = new SplittableRandom();
    private ListValue list = ListValue.of(open(), SMALL);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void aListIsWhatItsModelIs(long seed) throws CommandError {
        random = new SplittableRandom(seed);
        int growing = 0;
        for (int i = 0; i < OPERATIONS; i++) {
            growing = i % 500 == 0 ? random.nextInt(4) : growing;
            transaction.begin();
            list = ListValue.of(open(), SMALL);
            String story = "seed " + seed + ", operation " + i;
            change(growing, story);
            list.claim();
            list.store();
            assertEquals(model.size(), list.size(), story);
            transaction.check();
            look(story);
        }
    }

    private void change(int growing, String story) {
        int size = model.size();
        switch (random.nextInt(growing == 0 ? 4 : 16)) {
            case 0 -> {
                boolean atStart = random.nextBoolean();
                int most = random.nextInt(random.nextInt(8) == 0 ? 60 : 4);
                List<String> popped = new ArrayList<>();
                for (int i = 0; i < most && !model.isEmpty(); i++) {
                    popped.add(atStart ? model.removeFirst() : model.removeLast());
                }
                assertEquals(popped, texts(list.pop(atStart, most)), story);
            }
            case 1 -> {
                if (random.nextInt(6) == 0) {
                    int from = random.nextInt(size + 1);
                    int to = random.nextInt(from, size + 1);
                    list.trim(from, to);
                    model.subList(to, size).clear();
                    model.subList(0, from).clear();
                }
            }
            case 2 -> {
                String element = element();
                boolean fromStart = random.nextBoolean();
                long most = random.nextInt(3) == 0 ? Long.MAX_VALUE : random.nextInt(4);
                assertEquals(removed(element, fromStart, most), list.remove(bytes(element), fromStart, most), story);
            }
            case 3, 4 -> {
                if (size > 0) {
                    int rank = random.nextInt(size);
                    String element = element();
                    list.set(rank, bytes(element));
                    model.set(rank, element);
                }
            }
            case 5, 6, 7, 8 -> {
                String pivot = size > 0 && random.nextBoolean() ? model.get(random.nextInt(size)) : element();
                String element = element();
                boolean before = random.nextBoolean();
                int at = model.indexOf(pivot);
                assertEquals(at >= 0, list.insert(bytes(pivot), before, bytes(element)), story);
                if (at >= 0) {
                    model.add(before ? at : at + 1, element);
                }
            }
            default -> {
                boolean atStart = random.nextBoolean();
                byte[][] pushed = new byte[random.nextInt(random.nextInt(8) == 0 ? 80 : 4)][];
                for (int i = 0; i < pushed.length; i++) {
                    String element = element();
                    pushed[i] = bytes(element);
                    model.add(atStart ? 0 : model.size(), element);
                }
                list.push(atStart, pushed);
            }
        }
    }

    private long removed(String element, boolean fromStart, long most) {
        long removed = 0;
        for (; removed < most; removed++) {
            int at = fromStart ? model.indexOf(element) : model.lastIndexOf(element);
            if (at < 0) {
                break;
            }
            model.remove(at);
        }
        return removed;
    }

    private void look(String story) {
        list = ListValue.of(open(), SMALL);
        int size = model.size();
        assertEquals(size, list.size(), story);
        Entry entry = open();
        assertEquals(size == 0 ? 0 : 1 + ListValue.records(entry.root()), transaction.size(), story);
        int from = random.nextInt(size + 1);
        int to = random.nextInt(3) == 0 ? size : random.nextInt(from, size + 1);
        from = random.nextInt(3) == 0 ? 0 : from;
        assertEquals(model.subList(from, to), texts(list.range(from, to)), story);
        if (size > 0) {
            int rank = random.nextInt(-size, size);
            assertArrayEquals(bytes(model.get(rank < 0 ? rank + size : rank)), list.get(rank), story);
            assertNotNull(list.get(-size));
        }
        assertNull(list.get(size), story);
        String element = element();
        boolean fromStart = random.nextBoolean();
        int most = random.nextBoolean() ? size : random.nextInt(size + 1);
        List<Integer> expected = new ArrayList<>(IntStream.range(fromStart ? 0 : size - most, fromStart ? most : size)
                .filter(i -> model.get(i).equals(element))
                .boxed()
                .toList());
        if (!fromStart) {
            Collections.reverse(expected);
        }
        List<Integer> found = new ArrayList<>();
        list.find(bytes(element), fromStart, most, rank -> found.add((int) rank));
        assertEquals(expected, found, story);
        long weight = model.stream()
                .map(ListModelTest::bytes)
                .mapToLong(bytes -> ListPack.entryBytes(bytes, 0, bytes.length))
                .sum();
        assertEquals(weight, list.weight(), story);
    }

    private String element() {
        return switch (random.nextInt(12)) {
            case 0 -> "";
            case 1 -> "x".repeat(random.nextInt(8, 30));
            case 2, 3 -> Integer.toString(random.nextInt(-500, 500));
            default -> Character.toString('a' + random.nextInt(20));
        };
    }

    private Entry open() {
        return Keyspace.of(transaction, 0).open(KEY);
    }

    private static List<String> texts(List<byte[]> elements) {
        return elements.stream()
                .map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1))
                .toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
