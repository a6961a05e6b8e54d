package io.kvasir.region.range;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.key.ExpiryKey;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.ProcedureTable;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Removes keys whose time has come. The expiry index of a store is ordered by time over all its ranges; a sweep reads
 * what is due at a timestamp of the oracle and hands the keys to a procedure in each range that is led here, which
 * looks again and deletes those that are still expired. What belongs to ranges led elsewhere is left to their leaders,
 * whose deletions reach this store's index too.
 *
 * <p>Called by one thread, which may wait for the disk; at most one sweep of a range is under way.
 */
public final class ExpirySweeper {

    /** Index records looked at in one sweep. */
    public static final int RECORDS_MAX = 8_192;

    /** Keys handed to one range in one sweep. */
    public static final int KEYS_MAX = 512;

    private final Engine engine;
    private final RangeTable ranges;
    private final TimestampSource time;
    private final BackgroundCalls calls;

    /**
     * The newest time a sweep was given, ms since the Unix epoch; the next sweep uses what came too late for this one.
     */
    private volatile long due;

    /**
     * Makes a sweeper.
     *
     * @param procedure name of the procedure that takes root keys and removes those that are expired
     * @param gateway number of this process as a source of commands
     * @throws IllegalArgumentException if there is no such procedure
     */
    public ExpirySweeper(
            Engine engine,
            RangeTable ranges,
            TimestampSource time,
            ProcedureTable procedures,
            String procedure,
            long gateway) {
        this.engine = engine;
        this.ranges = ranges;
        this.time = time;
        calls = new BackgroundCalls(procedures, procedure, gateway);
    }

    /**
     * Sweeps once. Returns at once if nothing in the index may be due; else a timestamp is fetched and the work begins.
     */
    public void sweep() {
        byte[] always = new byte[0];
        try (Engine.Cursor cursor = engine.cursor(Family.EXPIRY, always, always, false, false)) {
            if (!cursor.next()) {
                return;
            }
        }
        time.fetch(timestamp -> {
            if (timestamp != TimestampSource.UNAVAILABLE) {
                due = Timestamp.millis(timestamp);
            }
        });
        handOver(due);
    }

    private void handOver(long nowMillis) {
        Map<RegionId, List<byte[]>> byRange = new HashMap<>();
        byte[] end = ExpiryKey.before(nowMillis + 1);
        int looked = 0;
        try (Engine.Cursor cursor = engine.cursor(Family.EXPIRY, new byte[0], end, false, false)) {
            while (looked++ < RECORDS_MAX && cursor.next()) {
                byte[] rootKey = ExpiryKey.rootKeyOf(cursor.key());
                leadingRange(rootKey).ifPresent(range -> {
                    List<byte[]> keys =
                            byRange.computeIfAbsent(range.descriptor().id(), id -> new ArrayList<>());
                    if (keys.size() < KEYS_MAX) {
                        keys.add(rootKey);
                    }
                });
            }
        }
        byRange.forEach((region, keys) -> ranges.find(region).ifPresent(range -> submit(range, keys)));
    }

    private Optional<Range> leadingRange(byte[] rootKey) {
        for (Range range : ranges.all()) {
            if (range.servingTerm() != 0 && range.descriptor().contains(rootKey)) {
                return Optional.of(range);
            }
        }
        return Optional.empty();
    }

    private void submit(Range range, List<byte[]> keys) {
        byte[][] arguments = keys.toArray(byte[][]::new);
        int[] hashes = Range.hashesOf(calls.invocation(arguments));
        calls.call(range, arguments, hashes, handled -> () -> {});
    }
}
