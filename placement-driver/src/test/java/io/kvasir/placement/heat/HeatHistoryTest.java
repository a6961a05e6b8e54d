package io.kvasir.placement.heat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.kvasir.proto.key.Slot;
import io.kvasir.proto.placement.HeartbeatRequest;
import io.kvasir.proto.placement.HeatMessage;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What heartbeats say of heat, kept within bounds and drawn. */
final class HeatHistoryTest {

    private static final long SECOND = 1_000_000_000L;
    private static final long MINUTE_MILLIS = 60_000;
    private static final int ALL_ROWS = HeatHistory.ROWS_MAX;

    private final HeatHistory history = new HeatHistory(0);

    private static HeatMessage.Builder segment(int first, int end, long writes) {
        return HeatMessage.newBuilder().setFirstSlot(first).setEndSlot(end).setWrites(writes);
    }

    private void take(long second, HeatMessage.Builder... segments) {
        HeartbeatRequest.Builder beat = HeartbeatRequest.newBuilder();
        for (HeatMessage.Builder segment : segments) {
            beat.addHeat(segment);
        }
        history.take(beat.build(), second * SECOND);
    }

    private HeatMap writes(long minutes, int rows, long second) {
        return history.map(Heat::writes, minutes * MINUTE_MILLIS, rows, second * SECOND);
    }

    private static long sum(HeatMap map) {
        return Arrays.stream(map.values()).flatMapToLong(Arrays::stream).sum();
    }

    @Test
    void whatIsHeardStandsInItsTimeAndSlots() {
        take(1, segment(0, 100, 5), segment(100, 200, 7));
        take(2, segment(0, 100, 5));
        take(12, segment(0, 100, 1));
        HeatMap map = writes(30, ALL_ROWS, 20);
        assertEquals(List.of(new HeatMap.Column(10_000, 10_000), new HeatMap.Column(0, 10_000)), map.columns());
        assertEquals(
                List.of(0, 100, 200),
                map.rows().stream().map(HeatMap.Row::firstSlot).toList());
        assertEquals(Slot.COUNT, map.rows().getLast().endSlot());
        assertArrayEquals(new long[][] {{10, 7, 0}, {1, 0, 0}}, map.values());
        assertEquals(0, sum(history.map(Heat::reads, MINUTE_MILLIS, ALL_ROWS, 20 * SECOND)));
    }

    @Test
    void whatIsSaidOfAWideRangeIsDividedAmongItsRows() {
        take(1, segment(0, 100, 100), segment(0, 25, 10));
        assertArrayEquals(new long[] {35, 75, 0}, writes(30, ALL_ROWS, 10).values()[0]);
    }

    @Test
    void coldNeighboursShareARowAndHotOnesDoNot() {
        take(
                1,
                IntStream.range(0, 64)
                        .mapToObj(i -> segment(i * 256, (i + 1) * 256, i == 40 ? 1_000 : 1))
                        .toArray(HeatMessage.Builder[]::new));
        HeatMap map = writes(30, 8, 10);
        assertTrue(map.rows().size() <= 8, map.rows().size() + " rows");
        assertEquals(1_063, sum(map));
        int hot = IntStream.range(0, map.rows().size())
                .filter(row -> map.rows().get(row).firstSlot() == 40 * 256)
                .findFirst()
                .orElseThrow();
        assertEquals(41 * 256, map.rows().get(hot).endSlot());
        assertEquals(1_000, map.values()[0][hot]);
    }

    @Test
    void theRowOfAKeySaysIt() {
        byte[] key = {'f', 'o', 'o'};
        int slot = Slot.of(key);
        take(1, segment(slot - 1, slot + 3, 1).setSample(ByteString.copyFrom(key)), segment(slot, slot + 1, 4));
        HeatMap map = writes(30, ALL_ROWS, 10);
        for (HeatMap.Row row : map.rows()) {
            assertEquals(row.firstSlot() == slot ? 3 : 0, row.sample().length, row.toString());
        }
    }

    @Test
    void whatCannotBeIsLeftOut() {
        take(
                1,
                segment(5, 5, 1),
                segment(7, 5, 1),
                segment(0, Slot.COUNT + 1, 1),
                segment(-1, 5, 1),
                segment(0, 5, -1),
                segment(0, 5, 1).setSample(ByteString.copyFrom(new byte[65])));
        assertEquals(0, sum(writes(30, ALL_ROWS, 10)));
    }

    @Test
    void aDayIsKeptInBoundedColumnsAndCells() {
        int day = 24 * 3_600;
        for (int second = 0; second < day; second += 5) {
            HeatMessage.Builder[] segments = new HeatMessage.Builder[12];
            for (int i = 0; i < segments.length; i++) {
                int slot = (second * 31 + i * 1_237) % Slot.COUNT; // other slots every time
                segments[i] = segment(slot, slot + 1, 1);
            }
            take(second, segments);
        }
        HeatMap map = writes(24 * 60, 64, day);
        assertTrue(map.rows().size() <= 64, map.rows().size() + " rows");
        assertTrue(map.columns().size() <= 180 + 210 + 120, map.columns().size() + " columns");
        assertTrue(map.columns().size() > 400, map.columns().size() + " columns");
        long oldest = map.columns().getFirst().endedMillisAgo()
                + map.columns().getFirst().millis();
        assertTrue(oldest > 20 * 3_600_000L, "oldest " + oldest);
        for (int i = 1; i < map.columns().size(); i++) {
            HeatMap.Column before = map.columns().get(i - 1);
            HeatMap.Column column = map.columns().get(i);
            assertEquals(before.endedMillisAgo(), column.endedMillisAgo() + column.millis(), "column " + i);
        }
        assertEquals(12 * (oldest / 5_000), sum(map), 12 * 600, "nothing is lost when columns become one");
        for (HeatHistory.Time time : history.latest(1_000, day * SECOND)) {
            assertTrue(time.cells().size() <= HeatHistory.CELLS_MAX);
        }
    }

    @Test
    void aColumnHasBoundedCellsAndLosesNothing() {
        for (int slot = 0; slot < 4_000; slot++) {
            take(1, segment(slot, slot + 1, slot == 1_234 ? 500 : 1));
        }
        HeatHistory.Time time = history.latest(1, 10 * SECOND).getFirst();
        assertTrue(time.cells().size() <= HeatHistory.CELLS_MAX, time.cells().size() + " cells");
        assertEquals(4_499, time.sum().writes());
        assertTrue(time.cells().stream()
                .anyMatch(cell -> cell.heat().writes() >= 500 && cell.endSlot() - cell.firstSlot() < 64));
    }

    @Test
    void aNewLeaderBeginsAnewAndSaysSince() {
        take(1, segment(0, 10, 1));
        HeatHistory next = new HeatHistory(50 * SECOND);
        assertEquals(5_000, next.ageMillis(55 * SECOND));
        assertEquals(
                0,
                next.map(Heat::writes, MINUTE_MILLIS, ALL_ROWS, 70 * SECOND).columns().stream()
                        .filter(column -> column.endedMillisAgo() > 10_000)
                        .count());
    }
}
