package io.kvasir.placement.heat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was done in some slots in some time.
 *
 * @param firstSlot the first of them; {@code endSlot} the first beyond them
 * @param sample a key that was used there, or its first bytes; empty if none is known
 */
public record HeatCell(int firstSlot, int endSlot, Heat heat, byte[] sample) {

    /** Order of cells by where they begin, wider ones first. */
    private static final Comparator<HeatCell> ORDER =
            Comparator.comparingInt(HeatCell::firstSlot).thenComparing(HeatCell::endSlot, Comparator.reverseOrder());

    private HeatCell with(HeatCell next) {
        return new HeatCell(
                Math.min(firstSlot, next.firstSlot),
                Math.max(endSlot, next.endSlot),
                heat.plus(next.heat),
                warmer(next).sample);
    }

    private HeatCell warmer(HeatCell other) {
        boolean mine = other.sample.length == 0 || sample.length > 0 && heat.weight() >= other.heat.weight();
        return mine ? this : other;
    }

    /** Returns {@code cells} with those of the same slots made one, in order, at most {@code cellsMax}. */
    static List<HeatCell> joined(List<HeatCell> cells, int cellsMax) {
        Map<Long, HeatCell> bySlots = new TreeMap<>();
        for (HeatCell cell : cells) {
            bySlots.merge((long) cell.firstSlot << Integer.SIZE | cell.endSlot, cell, HeatCell::with);
        }
        List<HeatCell> joined = new ArrayList<>(bySlots.values());
        joined.sort(ORDER);
        for (long cold = 0; joined.size() > cellsMax; cold = Math.max(1, cold * 2)) {
            joined = withoutColdNeighbours(joined, cold, cellsMax);
        }
        return List.copyOf(joined);
    }

    /** Returns {@code cells} with neighbours made one where both together have a weight of {@code cold} at most. */
    private static List<HeatCell> withoutColdNeighbours(List<HeatCell> cells, long cold, int cellsMax) {
        List<HeatCell> kept = new ArrayList<>();
        int surplus = cells.size() - cellsMax;
        for (HeatCell cell : cells) {
            HeatCell before = kept.isEmpty() ? null : kept.getLast();
            if (before != null && surplus > 0 && before.heat.weight() + cell.heat.weight() <= cold) {
                kept.set(kept.size() - 1, before.with(cell));
                surplus--;
            } else {
                kept.add(cell);
            }
        }
        return kept;
    }
}
