package io.kvasir.region.range;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.RangeTransaction.SnapshotRecord;
import io.kvasir.region.SnapshotTooOld;
import io.kvasir.region.range.Entry.CommandEffects;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules K8, K17 and K24 where the past is kept on disk, each by its shortest schedule. One thread, no clock. */
final class HistoryTest {

    private static final long RETENTION = 8_000;
    private static final int FLUSHED_TO = InstanceState.GIVEN_OUT_MIN;

    private final HistoryReplica replica = new HistoryReplica();
    private final HistoryReplica.Log log = new HistoryReplica.Log();

    HistoryTest() {
        replica.apply(List.of(log.start()));
        apply(100, new Effect.KeepPast(0, RETENTION, 0));
    }

    private static long at(long millis) {
        return Timestamp.of(millis, 0);
    }

    private void apply(long millis, Effect... effects) {
        replica.apply(List.of(log.entry(at(millis), effects)));
    }

    private static byte[] key(int instance, String name) {
        return KeyLayout.root(instance, name.getBytes(StandardCharsets.US_ASCII));
    }

    private static Effect.Put put(String name, String value) {
        return put(key(0, name), value);
    }

    private static Effect.Put put(byte[] key, String value) {
        return new Effect.Put(Family.NEWEST, key, value.getBytes(StandardCharsets.US_ASCII));
    }

    private static Effect.Delete delete(String name) {
        return new Effect.Delete(Family.NEWEST, key(0, name));
    }

    private String stood(long millis, String name) {
        return stood(millis, key(0, name));
    }

    private String stood(long millis, byte[] key) {
        try (Engine.Snapshot snapshot = replica.engine.snapshot()) {
            Past past = HistoryReplica.past(snapshot);
            int unused = past.instance(at(millis), 0);
            SnapshotRecord record = past.record(at(millis), key);
            byte[] payload = record.payload();
            return payload == null ? "-" : new String(payload, StandardCharsets.US_ASCII);
        }
    }

    @Test
    void k8ADeletedKeyStoodUntilItWasDeletedAndNotAfter() {
        apply(110, put("k", "v"));
        apply(120, delete("k"));
        apply(200, put("other", "x"));
        assertEquals("-", stood(109, "k"));
        assertEquals("v", stood(110, "k"));
        assertEquals("v", stood(119, "k"));
        assertEquals("-", stood(120, "k"));
        assertEquals("-", stood(130, "k"));
    }

    @Test
    void k8AKeyThatWasDeletedAndWrittenAgainWasAbsentBetween() {
        apply(110, put("k", "a"));
        apply(120, delete("k"));
        apply(130, put("k", "b"));
        apply(140, put("k", "c"));
        assertEquals("a", stood(115, "k"));
        assertEquals("-", stood(125, "k"));
        assertEquals("b", stood(135, "k"));
        assertEquals("c", stood(140, "k"));
    }

    @Test
    void k8NothingIsToldOfATimeBelowTheHorizon() {
        apply(110, put("k", "a"));
        apply(120, put("k", "b"));
        apply(130, new Effect.KeepPast(0, RETENTION, at(115)));
        assertThrows(SnapshotTooOld.class, () -> stood(114, "k"));
        assertEquals("a", stood(115, "k"));
        assertThrows(SnapshotTooOld.class, () -> stood(99, "k"), "the past was not kept then");
    }

    @Test
    void k8TheHorizonIsInTheWriteThatDropsWhatLiesBelowIt() {
        apply(110, put("k", "a"));
        apply(120, put("k", "b"));
        apply(100 + RETENTION, put("k", "c"));
        int kept = replica.historyRecords();
        replica.engine.flush();
        apply(200 + RETENTION, new Effect.KeepPast(0, RETENTION, at(150)));
        assertEquals(kept, replica.historyRecords(), "the slice reaches beyond the horizon");
        assertEquals("b", stood(150, "k"));
        apply(300 + RETENTION, new Effect.KeepPast(0, RETENTION, at(100 + RETENTION)));
        assertTrue(replica.historyRecords() < kept, "the slice is below the horizon");
        assertThrows(SnapshotTooOld.class, () -> stood(150, "k"));
        assertEquals("c", stood(100 + RETENTION, "k"));
        // Whatever a crash takes, it takes both: what is read is never a hole.
        replica.crash();
        assertEquals("b", stood(150, "k"));
        assertEquals("a", stood(110, "k"));
    }

    @Test
    void k8ADeadGenerationStaysWhereItIsUntilTheHorizonHasPassedIt() {
        byte[] stem = KeyLayout.stem(0, "big".getBytes(StandardCharsets.US_ASCII));
        Version generation = new Version(at(110), 0);
        byte[] element = KeyLayout.element(stem, KeyLayout.KIND_ELEMENT, generation, new byte[] {'e'});
        byte[] from = KeyLayout.elementPrefix(stem, KeyLayout.KIND_ELEMENT, generation);
        apply(110, put("big", "root"), put(element, "value"));
        apply(120, delete("big"), new Effect.DeleteRange(Family.NEWEST, from, KeyLayout.after(from)));
        assertEquals("root", stood(119, "big"));
        assertEquals("value", stood(119, element));
        assertEquals("-", stood(120, "big"));
        apply(130, new Effect.KeepPast(0, RETENTION, at(120)));
        assertEquals("value", stood(120, element), "the horizon has not passed it");
        apply(140, new Effect.KeepPast(0, RETENTION, at(121)));
        assertEquals("-", stood(121, element));
        assertEquals(Long.MAX_VALUE, replica.history().oldestDead());
    }

    @Test
    void k8AFlushedDatabaseIsReadAsItStoodAndReclaimedBehindTheHorizon() {
        apply(110, put("k", "a"), new Effect.AddKeys(0, 1));
        apply(120, new Effect.MapInstance(0, FLUSHED_TO));
        apply(130, put(key(FLUSHED_TO, "k"), "b"));
        try (Engine.Snapshot snapshot = replica.engine.snapshot()) {
            Past past = HistoryReplica.past(snapshot);
            assertEquals(0, past.instance(at(119), 0));
            assertEquals(FLUSHED_TO, past.instance(at(120), 0));
        }
        assertEquals("a", stood(119, key(0, "k")));
        assertTrue(replica.range().isReadable(0));
        apply(140, new Effect.KeepPast(0, RETENTION, at(120)));
        assertFalse(replica.range().isReadable(0));
        assertEquals(List.of(0), replica.range().retiredInstances());
    }

    @Test
    void k8OfTwoFlushesAtOneTimestampAReaderBeforeThemSeesWhatTheFirstOneLeft() {
        apply(110, put("k", "a"), new Effect.AddKeys(0, 1));
        CommandEffects first = HistoryReplica.Log.command(0, 0, List.of(new Effect.MapInstance(0, FLUSHED_TO)));
        CommandEffects second = HistoryReplica.Log.command(1, 0, List.of(new Effect.MapInstance(0, FLUSHED_TO + 1)));
        replica.apply(List.of(log.entry(at(120), List.of(first, second))));
        try (Engine.Snapshot snapshot = replica.engine.snapshot()) {
            assertEquals(0, HistoryReplica.past(snapshot).instance(at(119), 0));
            assertEquals(FLUSHED_TO + 1, HistoryReplica.past(snapshot).instance(at(120), 0));
        }
        assertEquals("a", stood(119, "k"));
    }

    @Test
    void k8TheSwapOfADatabaseIsItsHorizon() {
        apply(110, put("k", "a"));
        apply(120, new Effect.MapInstance(0, 1), new Effect.MapInstance(1, 0));
        assertThrows(SnapshotTooOld.class, () -> stood(119, "k"));
        assertEquals(at(120), replica.history().floor());
    }

    @Test
    void k17WhatWasCreatedAndRemovedAtOneTimestampLeavesATrace() {
        apply(110, put("k", "a"), delete("k"));
        assertEquals(1, replica.historyRecords());
        assertEquals("-", stood(109, "k"));
        assertEquals("-", stood(110, "k"));
    }

    @Test
    void k17OfOneTimestampTheVersionBeforeItIsKept() {
        apply(110, put("k", "a"));
        apply(120, put("k", "b"), delete("k"), put("k", "c"));
        assertEquals("a", stood(119, "k"));
        assertEquals("c", stood(120, "k"));
        assertEquals(1, replica.historyRecords());
    }

    @Test
    void k24ReplicasThatApplyTogetherAndOneByOneKeepTheSame() {
        HistoryReplica other = new HistoryReplica();
        HistoryReplica.Log same = new HistoryReplica.Log();
        HistoryReplica third = new HistoryReplica();
        List<Entry> entries = List.of(
                same.start(),
                same.entry(at(100), new Effect.KeepPast(0, RETENTION, 0)),
                same.entry(at(110), put("k", "a")),
                same.entry(at(120), put("k", "b"), put("l", "x")),
                same.entry(at(130), delete("k")),
                same.entry(
                        at(140),
                        new Effect.DeleteRange(Family.NEWEST, key(0, "dead"), KeyLayout.after(key(0, "dead")))),
                same.entry(at(9_000), new Effect.KeepPast(0, RETENTION, at(8_000))));
        other.apply(entries);
        entries.forEach(entry -> third.apply(List.of(entry)));
        assertEquals(third.records().keySet(), other.records().keySet());
        assertEquals(third.records(), other.records());
    }

    @Test
    void k24NothingIsKeptOfADatabaseWithoutRetention() {
        apply(110, put(key(1, "k"), "a"));
        apply(120, put(key(1, "k"), "b"));
        assertEquals(0, replica.historyRecords());
        try (Engine.Snapshot snapshot = replica.engine.snapshot()) {
            Past past = HistoryReplica.past(snapshot);
            assertThrows(SnapshotTooOld.class, () -> past.instance(at(115), 1));
            assertThrows(SnapshotTooOld.class, () -> past.record(at(115), key(1, "k")));
        }
    }

    @Test
    void retentionThatEndsTakesEverythingWithIt() {
        apply(110, put("k", "a"));
        apply(120, put("k", "b"));
        apply(130, new Effect.KeepPast(0, 0, 0));
        assertEquals(0, replica.historyRecords());
        assertFalse(replica.history().isOn());
        apply(140, put("k", "c"));
        apply(150, new Effect.KeepPast(0, RETENTION, 0));
        assertThrows(SnapshotTooOld.class, () -> stood(149, "k"));
        assertEquals("c", stood(150, "k"));
    }

    @Test
    void aSliceIsAnEighthOfTheRetention() {
        for (int i = 0; i < 40; i++) {
            apply(200 + 500 * i, put("k", "v" + i));
        }
        assertEquals(20, replica.history().slices().size(), "slices of 1,000 ms, nothing dropped");
        apply(20_300, new Effect.KeepPast(0, RETENTION, at(20_300 - RETENTION)));
        assertTrue(replica.history().slices().size() <= HistoryState.SLICES + 2);
        assertEquals("v30", stood(15_600, "k"));
        long records = replica.history().slices().values().stream()
                .mapToLong(HistoryState.Slice::records)
                .sum();
        assertEquals(replica.historyRecords(), records);
    }

    @Test
    void aReplicaThatIsRestartedReadsTheSamePast() {
        apply(110, put("k", "a"));
        apply(120, put("k", "b"));
        replica.engine.flush();
        replica.crash();
        assertEquals("a", stood(119, "k"));
        assertEquals(
                new HistoryState.Retention(RETENTION, at(100)),
                replica.history().databases().get(0));
        apply(130, delete("k"));
        assertEquals("b", stood(129, "k"));
        assertEquals("-", stood(130, "k"));
    }
}
