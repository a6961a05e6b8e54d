package io.kvasir.store.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class EntryIndexTest {

    private record Place(long term, byte type, long place, int length) {}

    @Test
    void itAgreesWithAListUnderRandomChanges() {
        Random random = new Random(5);
        long first = 1;
        List<Place> model = new ArrayList<>();
        EntryIndex index = new EntryIndex(first);
        for (int step = 0; step < 20_000; step++) {
            long term = model.isEmpty() ? 1 : model.getLast().term;
            switch (random.nextInt(40)) {
                case 0, 1 -> {
                    int dropped = random.nextInt(model.size() + 1);
                    first += dropped;
                    model.subList(0, dropped).clear();
                    index.truncatePrefix(first);
                }
                case 2, 3 -> {
                    int kept = model.size() - random.nextInt(Math.min(6, model.size() + 1));
                    model.subList(kept, model.size()).clear();
                    index.truncateSuffix(first + kept);
                }
                case 4 -> {
                    if (random.nextInt(20) == 0) {
                        first = 1 + random.nextInt(100);
                        model.clear();
                        index.reset(first);
                    }
                }
                case 5 -> {
                    if (!model.isEmpty()) {
                        int at = random.nextInt(model.size());
                        Place old = model.get(at);
                        model.set(at, new Place(old.term, old.type, step, 7));
                        index.move(first + at, step, 7);
                    }
                }
                default -> {
                    Place place = new Place(
                            term + (random.nextInt(9) == 0 ? 1 : 0),
                            (byte) (random.nextInt(9) == 0 ? 1 : 0),
                            EntryIndex.place(step + 1, step * 2),
                            step);
                    model.add(place);
                    index.append(place.term, place.type, place.place, place.length);
                }
            }
            if (step % 50 == 0) {
                compare(first, model, index);
            }
        }
    }

    private static void compare(long first, List<Place> model, EntryIndex index) {
        assertEquals(first, index.first());
        assertEquals(first + model.size(), index.next());
        assertEquals(model.isEmpty() ? 0 : model.getLast().term, index.lastTerm());
        List<Long> typed = new ArrayList<>();
        for (int i = 0; i < model.size(); i++) {
            Place expected = model.get(i);
            long at = first + i;
            assertEquals(
                    expected, new Place(index.termAt(at), index.typeAt(at), index.placeOf(at), index.lengthOf(at)));
            if (expected.type == 1) {
                typed.add(at);
            }
        }
        assertArrayEquals(typed.stream().mapToLong(at -> at).toArray(), index.indexesOfType((byte) 1));
    }

    @Test
    void aPlaceKeepsSegmentAndOffset() {
        long place = EntryIndex.place(Integer.MAX_VALUE, Integer.MAX_VALUE - 7);
        assertEquals(Integer.MAX_VALUE, EntryIndex.segmentOf(place));
        assertEquals(Integer.MAX_VALUE - 7, EntryIndex.offsetOf(place));
    }
}
