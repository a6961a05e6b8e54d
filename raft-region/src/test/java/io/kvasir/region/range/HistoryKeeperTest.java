package io.kvasir.region.range;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kvasir.proto.control.HistoryPolicy;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.range.HistoryState.Retention;
import io.kvasir.region.range.HistoryState.Slice;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a store tells a range to keep of its past, given what that keeps. */
final class HistoryKeeperTest {

    private static final long RETENTION = 80_000;
    private static final long NOW = at(1_000_000);
    private static final HistoryPolicy WANTED = new HistoryPolicy(new TreeMap<>(Map.of(0, RETENTION)), new TreeMap<>());

    private static long at(long millis) {
        return Timestamp.of(millis, 0);
    }

    private static HistoryState state(long horizon, Map<Long, Slice> slices) {
        return new HistoryState(
                new TreeMap<>(Map.of(0, new Retention(RETENTION, horizon))),
                new TreeMap<>(),
                new TreeMap<>(slices),
                Long.MAX_VALUE);
    }

    @Test
    void aRangeIsToldToBeginAndToEnd() {
        assertEquals(
                List.of(new Effect.KeepPast(0, RETENTION, 0)), HistoryKeeper.changes(HistoryState.NONE, WANTED, NOW));
        HistoryState present = state(at(990_000), Map.of(at(990_000), Slice.EMPTY));
        assertEquals(List.of(new Effect.KeepPast(0, 0, 0)), HistoryKeeper.changes(present, HistoryPolicy.NONE, NOW));
    }

    @Test
    void aRangeWithoutHistoryIsLeftAlone() {
        HistoryState present = state(at(500_000), Map.of(at(500_000), Slice.EMPTY));
        assertEquals(List.of(), HistoryKeeper.changes(present, WANTED, NOW));
        assertEquals(List.of(), HistoryKeeper.changes(HistoryState.NONE, HistoryPolicy.NONE, NOW));
    }

    @Test
    void theHorizonMovesToTheSafePointWhenASliceGoesByThat() {
        Slice some = new Slice(3, 300);
        HistoryState kept = state(at(900_000), Map.of(at(900_000), some, at(921_000), some, at(995_000), some));
        assertEquals(List.of(), HistoryKeeper.changes(kept, WANTED, NOW));
        List<Effect.KeepPast> moved = List.of(new Effect.KeepPast(0, RETENTION, at(921_000)));
        assertEquals(moved, HistoryKeeper.changes(kept, WANTED, at(1_001_000)));
    }

    @Test
    void aSliceThatHasGrownOldIsEndedSoThatItCanGo() {
        HistoryState kept = state(at(900_000), Map.of(at(980_000), new Slice(3, 300)));
        assertEquals(1, HistoryKeeper.changes(kept, WANTED, NOW).size());
    }

    @Test
    void aHoldKeepsTheHorizonWhereItIs() {
        Slice some = new Slice(3, 300);
        HistoryState kept = state(at(900_000), Map.of(at(900_000), some, at(915_000), some, at(995_000), some));
        assertEquals(1, HistoryKeeper.changes(kept, WANTED, NOW).size());
        HistoryPolicy held = new HistoryPolicy(
                new TreeMap<>(Map.of(0, RETENTION)),
                new TreeMap<>(Map.of("job", new HistoryPolicy.Hold(at(910_000), 2_000_000))));
        assertEquals(List.of(), HistoryKeeper.changes(kept, held, NOW));
    }
}
