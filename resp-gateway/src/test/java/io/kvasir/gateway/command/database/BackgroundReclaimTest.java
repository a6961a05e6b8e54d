package io.kvasir.gateway.command.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.gateway.command.CommandTable;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Slot;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Procedure;
import io.kvasir.region.ProcedureTable;
import io.kvasir.region.range.InstanceReclaimer;
import io.kvasir.region.range.Range;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.MemoryEngine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Real commands over ranges in this process: what a flush leaves behind goes, and a nearly full disk takes no more. */
final class BackgroundReclaimTest {

    private static final int FRESH = 1 << 16;
    private static final int KEYS = 10_000;
    private static final int ROUNDS_MAX = 100;
    private static final byte[] MIDDLE = KeyLayout.slotStart(Slot.COUNT / 2);

    private final MemoryEngine engine = new MemoryEngine();
    private final ProcedureTable procedures = procedures();
    private final LocalRanges.Counter time = new LocalRanges.Counter();
    private LocalRanges ranges = new LocalRanges(engine, procedures, time, MIDDLE);
    private InstanceReclaimer reclaimer = reclaimer();

    BackgroundReclaimTest() {
        ranges.lead();
    }

    private static ProcedureTable procedures() {
        List<Procedure> all = new ArrayList<>(new CommandTable(Flush.rows(count -> FRESH)).procedures());
        all.addAll(RangeProcedures.all());
        return new ProcedureTable(all);
    }

    private InstanceReclaimer reclaimer() {
        return new InstanceReclaimer(ranges.table(), procedures, ReclaimInstance.SPEC.name(), 2);
    }

    @Test
    void everyRangeReclaimsItsPartInBoundedStepsAndForgetsTheInstance() {
        fill();
        flush(FRESH);
        set("young");
        int rounds = reclaimAll();
        assertTrue(rounds >= 2, "all at once");
        assertEquals(Set.of(FRESH), instancesStored());
        assertEquals(1, ranges.range(1).keys(FRESH) + ranges.range(2).keys(FRESH));
        assertEquals(0, ranges.range(1).keys(0) + ranges.range(2).keys(0));
    }

    @Test
    void aFlushDuringReclaimIsReclaimedToo() {
        fill();
        flush(FRESH);
        fill();
        round();
        flush(FRESH + 1);
        flush(FRESH);
        set("young");
        assertEquals(List.of(0, FRESH), ranges.range(1).retiredInstances());
        reclaimAll();
        assertEquals(Set.of(FRESH + 1), instancesStored());
    }

    @Test
    void aNewLeaderAndARestartedStoreGoOn() {
        fill();
        flush(FRESH);
        round();
        ranges.lead();
        reclaimer = reclaimer();
        round();
        assertEquals(List.of(0), ranges.range(1).retiredInstances());
        ranges = new LocalRanges(engine, procedures, time, MIDDLE);
        ranges.lead();
        reclaimer = reclaimer();
        assertEquals(List.of(0), ranges.range(1).retiredInstances());
        reclaimAll();
        assertEquals(Set.of(), instancesStored());
    }

    @Test
    void aNearlyFullDiskRefusesWhatGrowsAndGoesOnWithTheRest() {
        set("k");
        ranges.setDiskLow(true);
        assertEquals(
                "DISKFULL a disk that the range is on is nearly full, only commands that do not add data are served",
                ((Reply.Error) call("other", "SET", "other", "v")).text());
        assertEquals(Reply.ZERO, call("other", "EXISTS", "other"));
        assertEquals(Reply.ONE, call("k", "DEL", "k"));
        ranges.setDiskLow(false);
        assertEquals(Reply.OK, call("other", "SET", "other", "v"));
    }

    private void fill() {
        for (int i = 0; i < KEYS; i++) {
            set("key" + i);
        }
    }

    private void set(String key) {
        assertEquals(Reply.OK, call(key, "SET", key, "value"));
    }

    private Reply call(String key, String procedure, String... arguments) {
        byte[][] words = new byte[arguments.length][];
        for (int i = 0; i < words.length; i++) {
            words[i] = arguments[i].getBytes(StandardCharsets.US_ASCII);
        }
        int slot = Slot.of(key.getBytes(StandardCharsets.US_ASCII));
        return ranges.call(ranges.range(slot < Slot.COUNT / 2 ? 1 : 2), procedure, words);
    }

    private void flush(int instance) {
        for (Range range : ranges.table().all()) {
            byte[] number = Integer.toString(instance).getBytes(StandardCharsets.US_ASCII);
            assertEquals(Reply.OK, ranges.call(range, "FLUSHDB", new byte[] {'0'}, new byte[] {'1'}, number));
        }
    }

    private void round() {
        reclaimer.reclaim();
        reclaimer.reclaim();
        ranges.settle();
    }

    private int reclaimAll() {
        int rounds = 0;
        while (ranges.table().all().stream()
                .anyMatch(range -> !range.retiredInstances().isEmpty())) {
            assertTrue(rounds++ < ROUNDS_MAX, "no end");
            round();
        }
        return rounds;
    }

    /** Returns the instances that any record is of. */
    private Set<Integer> instancesStored() {
        Set<Integer> found = new TreeSet<>();
        byte[] always = new byte[0];
        try (Engine.Cursor cursor = engine.cursor(Family.NEWEST, always, always, false, false)) {
            while (cursor.next()) {
                found.add(KeyLayout.instanceOf(cursor.key()));
            }
        }
        return found;
    }
}
