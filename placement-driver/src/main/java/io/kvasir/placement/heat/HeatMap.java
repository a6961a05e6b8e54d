package io.kvasir.placement.heat;

import io.kvasir.proto.key.Slot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.function.ToLongFunction;

/**
 * The key space by time. Rows are consecutive slots, from the first to the last of all; columns are times, the oldest
 * first. Immutable.
 *
 * @param values by column and row
 */
public record HeatMap(List<Row> rows, List<Column> columns, long[][] values) {

    /**
     * Slots from {@code firstSlot} to before {@code endSlot}.
     *
     * @param sample a key that was used when most was done there, or its first bytes; empty if none is known
     */
    public record Row(int firstSlot, int endSlot, byte[] sample) {}

    /** A time that ended {@code endedMillisAgo} and was {@code millis} long. */
    public record Column(long endedMillisAgo, long millis) {}

    /** What a column is made of. */
    record Source(Column column, List<HeatCell> cells) {}

    /**
     * Draws {@code sources}. Where there are more bounds than rows, cold neighbours share one; what a cell has is
     * divided among the rows it covers by their slots.
     *
     * @param value what is drawn
     */
    static HeatMap of(List<Source> sources, ToLongFunction<Heat> value, int rowsMax) {
        TreeSet<Integer> bounds = new TreeSet<>(List.of(0, Slot.COUNT));
        for (Source source : sources) {
            for (HeatCell cell : source.cells()) {
                bounds.add(cell.firstSlot());
                bounds.add(cell.endSlot());
            }
        }
        int[] all = bounds.stream().mapToInt(Integer::intValue).toArray();
        double[] sums = new double[all.length - 1];
        sources.forEach(source -> spread(source.cells(), value, all, sums));
        int[] kept = keptBounds(all, sums, rowsMax);
        long[][] values = new long[sources.size()][];
        for (int i = 0; i < values.length; i++) {
            double[] column = new double[kept.length - 1];
            spread(sources.get(i).cells(), value, kept, column);
            values[i] = Arrays.stream(column).mapToLong(Math::round).toArray();
        }
        return new HeatMap(
                rows(kept, sources), sources.stream().map(Source::column).toList(), values);
    }

    /** Adds what {@code cells} have to {@code sums}, of which each is between two of {@code bounds}. */
    private static void spread(List<HeatCell> cells, ToLongFunction<Heat> value, int[] bounds, double[] sums) {
        for (HeatCell cell : cells) {
            long whole = value.applyAsLong(cell.heat());
            double slots = cell.endSlot() - cell.firstSlot();
            for (int row = rowOf(bounds, cell.firstSlot()); row < sums.length && bounds[row] < cell.endSlot(); row++) {
                int shared = Math.min(bounds[row + 1], cell.endSlot()) - Math.max(bounds[row], cell.firstSlot());
                sums[row] += whole * (shared / slots);
            }
        }
    }

    private static int rowOf(int[] bounds, int slot) {
        int found = Arrays.binarySearch(bounds, slot);
        return found >= 0 ? found : -found - 2;
    }

    /** Returns the bounds that are left when cold neighbours are made one until there are {@code rowsMax} rows. */
    private static int[] keptBounds(int[] bounds, double[] sums, int rowsMax) {
        int[] kept = bounds;
        double[] weights = sums;
        for (double cold = 0; weights.length > rowsMax; cold = Math.max(1, cold * 2)) {
            int[] nextBounds = new int[kept.length];
            double[] nextWeights = new double[weights.length];
            int rows = 0;
            int surplus = weights.length - rowsMax;
            nextBounds[0] = kept[0];
            for (int i = 0; i < weights.length; i++) {
                if (rows > 0 && surplus > 0 && nextWeights[rows - 1] + weights[i] <= cold) {
                    nextWeights[rows - 1] += weights[i];
                    surplus--;
                } else {
                    nextWeights[rows++] = weights[i];
                }
                nextBounds[rows] = kept[i + 1];
            }
            kept = Arrays.copyOf(nextBounds, rows + 1);
            weights = Arrays.copyOf(nextWeights, rows);
        }
        return kept;
    }

    private static List<Row> rows(int[] bounds, List<Source> sources) {
        byte[][] samples = new byte[bounds.length - 1][0];
        long[] warmth = new long[samples.length];
        for (Source source : sources) {
            for (HeatCell cell : source.cells()) {
                int slot = Slot.of(cell.sample());
                boolean whole = slot >= cell.firstSlot() && slot < cell.endSlot(); // or only its first bytes
                int row = rowOf(bounds, whole ? slot : cell.firstSlot());
                if (cell.sample().length > 0 && cell.heat().weight() >= warmth[row]) {
                    samples[row] = cell.sample();
                    warmth[row] = cell.heat().weight();
                }
            }
        }
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < samples.length; i++) {
            rows.add(new Row(bounds[i], bounds[i + 1], samples[i]));
        }
        return rows;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HeatMap that
                && rows.equals(that.rows)
                && columns.equals(that.columns)
                && Arrays.deepEquals(values, that.values);
    }

    @Override
    public int hashCode() {
        return 31 * rows.hashCode() + Arrays.deepHashCode(values);
    }
}
