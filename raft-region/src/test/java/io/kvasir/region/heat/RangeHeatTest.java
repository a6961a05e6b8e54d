package io.kvasir.region.heat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Slot;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Where a range is used, in sixteen segments. */
final class RangeHeatTest {

    private static RegionDescriptor range(int firstSlot, int endSlot) {
        return new RegionDescriptor(
                new RegionId(1),
                firstSlot == 0 ? new byte[0] : KeyLayout.slotStart(firstSlot),
                endSlot == Slot.COUNT ? new byte[0] : KeyLayout.slotStart(endSlot),
                Epoch.FIRST,
                List.of());
    }

    private static byte[] key(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns a key of {@code slot}. */
    private static byte[] keyOf(int slot) {
        for (int i = 0; ; i++) {
            if (Slot.of(key("k" + i)) == slot) {
                return key("k" + i);
            }
        }
    }

    @Test
    void everySlotCountsInASegmentThatHoldsIt() {
        for (int[] bounds : new int[][] {{0, Slot.COUNT}, {5_462, 10_923}, {100, 103}, {16_383, Slot.COUNT}}) {
            RegionDescriptor range = range(bounds[0], bounds[1]);
            for (int slot = bounds[0]; slot < bounds[1]; slot += Math.max(1, (bounds[1] - bounds[0]) / 50)) {
                RangeHeat heat = new RangeHeat(range);
                byte[] key = keyOf(slot);
                heat.taken(List.of(key), false, 7);
                SegmentHeat told = heat.tell(range).getFirst();
                assertTrue(told.firstSlot() <= slot && slot < told.endSlot(), slot + " in " + told);
                assertTrue(told.firstSlot() >= bounds[0] && told.endSlot() <= bounds[1], told.toString());
                assertArrayEquals(key, told.sample());
            }
        }
    }

    @Test
    void whatWasToldIsNotToldAgain() {
        RegionDescriptor range = range(0, Slot.COUNT);
        RangeHeat heat = new RangeHeat(range);
        List<byte[]> keys = List.of(key("foo"), key("bar"));
        assertEquals(List.of(), heat.tell(range));
        heat.answered(keys, Reply.array(List.of(Reply.bulk("abc"), Reply.bulk("de"), Reply.NULL)));
        heat.taken(keys, true, 100);
        heat.weighing(keys, outcome -> {}).accept(new Outcome.Done(Reply.bulk("fghi")));
        heat.weighing(keys, outcome -> {}).accept(new Outcome.Undetermined());
        heat.taken(keys, false, 11);
        heat.taken(List.of(), false, 11);
        SegmentHeat told = heat.tell(range).getFirst();
        assertEquals(
                List.of(2L, 1L, 9L, 11L), List.of(told.reads(), told.writes(), told.readBytes(), told.writtenBytes()));
        assertEquals(List.of(), heat.tell(range));
        heat.taken(keys, false, 1);
        assertEquals(1, heat.tell(range).getFirst().writes());
    }

    @Test
    void afterASplitThePartsAreCutAnew() {
        RegionDescriptor whole = range(0, Slot.COUNT);
        RangeHeat heat = new RangeHeat(whole);
        RegionDescriptor left = range(0, 160);
        heat.tell(left);
        heat.taken(List.of(keyOf(10)), false, 1);
        heat.taken(List.of(keyOf(160)), false, 1);
        List<SegmentHeat> told = heat.tell(left);
        assertEquals(1, told.size(), "the other part counts its own");
        assertEquals(
                List.of(10, 20),
                List.of(told.getFirst().firstSlot(), told.getFirst().endSlot()));
    }

    @Test
    void aLongKeyIsToldInPart() {
        RegionDescriptor range = range(0, Slot.COUNT);
        RangeHeat heat = new RangeHeat(range);
        heat.taken(List.of(key("x".repeat(1_000))), false, 1);
        assertEquals(RangeHeat.SAMPLE_BYTES_MAX, heat.tell(range).getFirst().sample().length);
    }

    @Test
    void nothingIsLostBetweenThreads() throws InterruptedException {
        RegionDescriptor range = range(0, Slot.COUNT);
        RangeHeat heat = new RangeHeat(range);
        int each = 20_000;
        long writes = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int thread = 0; thread < 4; thread++) {
                threads.execute(() -> {
                    for (int i = 0; i < each; i++) {
                        heat.taken(List.of(key("k" + i % 50)), false, 1);
                    }
                });
            }
            threads.shutdown();
            while (!threads.awaitTermination(1, TimeUnit.MILLISECONDS)) {
                writes +=
                        heat.tell(range).stream().mapToLong(SegmentHeat::writes).sum();
            }
        }
        writes += heat.tell(range).stream().mapToLong(SegmentHeat::writes).sum();
        assertEquals(4L * each, writes);
    }
}
