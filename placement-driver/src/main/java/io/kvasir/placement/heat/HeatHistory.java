package io.kvasir.placement.heat;

import io.kvasir.proto.key.Slot;
import io.kvasir.proto.placement.HeartbeatRequest;
import io.kvasir.proto.placement.HeatMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Where the cluster was read and written in the last day, as heartbeats say it. The placement leader has heard it in
 * its term and keeps it in memory: who leads next begins anew.
 *
 * <p>Time is cut into columns of 10 s; after half an hour six of them become one of a minute, and after four hours ten
 * of those one of ten minutes. A column has {@link #CELLS_MAX} cells at most, of which cold neighbours become one. With
 * 100 bytes and a sample of a key in each that is some 16 MiB, if every column is full.
 *
 * <p>Confined to the placement thread.
 */
public final class HeatHistory {

    /** Cells of a column. */
    public static final int CELLS_MAX = 256;

    /** Rows of a map. */
    public static final int ROWS_MAX = 256;

    /** Length of the newest columns, in ms. */
    public static final long COLUMN_MILLIS = 10_000;

    /** Cells of a column that is not over, before cold neighbours become one. */
    private static final int OPEN_CELLS_MAX = 4 * CELLS_MAX;

    private static final int SAMPLE_BYTES_MAX = 64;
    private static final long NANOS_PER_MILLI = 1_000_000;

    /**
     * Columns of one length, {@code spanMillis}; when there are {@code columnsMax} the oldest become one of the next,
     * or are forgotten.
     */
    private record Layer(long spanMillis, int columnsMax, Deque<Column> columns) {}

    private record Column(long endNanos, long millis, List<HeatCell> cells) {}

    private final long sinceNanos;
    private final List<Layer> layers = List.of(
            new Layer(COLUMN_MILLIS, 180, new ArrayDeque<>()),
            new Layer(60_000, 210, new ArrayDeque<>()),
            new Layer(600_000, 120, new ArrayDeque<>()));

    private final List<HeatCell> open = new ArrayList<>();
    private long openSinceNanos;

    /** Begins at {@code nowNanos} with nothing. */
    public HeatHistory(long nowNanos) {
        sinceNanos = nowNanos;
        openSinceNanos = nowNanos;
    }

    /** Returns for how long it has heard, in ms. */
    public long ageMillis(long nowNanos) {
        return (nowNanos - sinceNanos) / NANOS_PER_MILLI;
    }

    /** Takes in what {@code heartbeat}, which came at {@code nowNanos}, says of heat; what cannot be is left out. */
    public void take(HeartbeatRequest heartbeat, long nowNanos) {
        advance(nowNanos);
        for (HeatMessage message : heartbeat.getHeatList()) {
            boolean sound = message.getFirstSlot() >= 0
                    && message.getFirstSlot() < message.getEndSlot()
                    && message.getEndSlot() <= Slot.COUNT
                    && message.getReads() >= 0
                    && message.getWrites() >= 0
                    && message.getReadBytes() >= 0
                    && message.getWrittenBytes() >= 0
                    && message.getSample().size() <= SAMPLE_BYTES_MAX;
            if (sound) {
                open.add(new HeatCell(
                        message.getFirstSlot(),
                        message.getEndSlot(),
                        new Heat(
                                message.getReads(),
                                message.getWrites(),
                                message.getReadBytes(),
                                message.getWrittenBytes()),
                        message.getSample().toByteArray()));
            }
            if (open.size() >= OPEN_CELLS_MAX) {
                join(open, CELLS_MAX);
            }
        }
    }

    private static void join(List<HeatCell> cells, int cellsMax) {
        List<HeatCell> joined = HeatCell.joined(cells, cellsMax);
        cells.clear();
        cells.addAll(joined);
    }

    /** Ends the columns that are over at {@code nowNanos}. */
    private void advance(long nowNanos) {
        long columnNanos = COLUMN_MILLIS * NANOS_PER_MILLI;
        while (nowNanos - openSinceNanos >= columnNanos) {
            openSinceNanos += columnNanos;
            add(0, new Column(openSinceNanos, COLUMN_MILLIS, HeatCell.joined(open, CELLS_MAX)));
            open.clear();
        }
    }

    private void add(int index, Column column) {
        Layer layer = layers.get(index);
        layer.columns.addLast(column);
        if (layer.columns.size() <= layer.columnsMax) {
            return;
        }
        if (index + 1 == layers.size()) {
            layer.columns.removeFirst();
            return;
        }
        Layer next = layers.get(index + 1);
        List<HeatCell> cells = new ArrayList<>();
        long millis = 0;
        long endNanos = 0;
        while (millis < next.spanMillis) {
            Column oldest = layer.columns.removeFirst();
            cells.addAll(oldest.cells);
            millis += oldest.millis;
            endNanos = oldest.endNanos;
        }
        add(index + 1, new Column(endNanos, millis, HeatCell.joined(cells, CELLS_MAX)));
    }

    /** Returns the map of {@code value} in the last {@code millis} before {@code nowNanos}. */
    public HeatMap map(ToLongFunction<Heat> value, long millis, int rowsMax, long nowNanos) {
        advance(nowNanos);
        List<HeatMap.Source> sources = new ArrayList<>();
        for (Layer layer : layers.reversed()) {
            for (Column column : layer.columns) {
                long endedMillisAgo = (nowNanos - column.endNanos) / NANOS_PER_MILLI;
                if (endedMillisAgo < millis) {
                    sources.add(new HeatMap.Source(new HeatMap.Column(endedMillisAgo, column.millis), column.cells));
                }
            }
        }
        return HeatMap.of(sources, value, Math.clamp(rowsMax, 1, ROWS_MAX));
    }

    /** Returns the columns of the last {@code columnsMax} times that are over, with their cells, the newest first. */
    public List<Time> latest(int columnsMax, long nowNanos) {
        advance(nowNanos);
        List<Time> times = new ArrayList<>();
        for (Column column : layers.getFirst().columns.reversed()) {
            if (times.size() < columnsMax) {
                times.add(new Time((nowNanos - column.endNanos) / NANOS_PER_MILLI, column.millis, column.cells));
            }
        }
        return times;
    }

    /** What was done in a time of {@code millis} that ended {@code endedMillisAgo}. */
    public record Time(long endedMillisAgo, long millis, List<HeatCell> cells) {

        /** Returns all of it. */
        public Heat sum() {
            return cells.stream().map(HeatCell::heat).reduce(Heat.NONE, Heat::plus);
        }
    }
}
