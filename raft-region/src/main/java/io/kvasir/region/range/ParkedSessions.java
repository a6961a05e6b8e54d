package io.kvasir.region.range;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Commands that wait for a record to be read or a lock to go, each with the later commands of its own session behind it
 * (rule K28). A line stands from the first parking of its head until the head has run, not only until the record is
 * there: a batch gathered meanwhile may hold later commands. Confined to the range's owner thread.
 */
final class ParkedSessions {

    private record Line(PendingCommand head, List<PendingCommand> behind) {}

    private final Map<SessionOf, Line> lines = new HashMap<>();

    /** Parks {@code command}, which must be the first of its session or parked already. */
    void park(PendingCommand command) {
        Line line = lines.computeIfAbsent(SessionOf.of(command), session -> new Line(command, new ArrayList<>()));
        assert line.head == command : "two parked commands of one session";
    }

    /** Puts {@code command} behind another of its session that is parked; returns whether there is one. */
    boolean holdBack(PendingCommand command) {
        Line line = lineOf(command);
        if (line == null || line.head == command) {
            return false;
        }
        line.behind.add(command);
        return true;
    }

    /**
     * Returns whether {@code command}, which was held back last, is among the first {@code places} behind one that
     * misses a record.
     */
    boolean isSoonAfterCold(PendingCommand command, int places) {
        Line line = lineOf(command);
        return line != null
                && (line.head.coldRuns > 0 || line.head.fetch == PendingCommand.Fetch.AWAITED)
                && line.behind.size() <= places;
    }

    private @Nullable Line lineOf(PendingCommand command) {
        return lines.isEmpty() ? null : lines.get(SessionOf.of(command));
    }

    /** {@code command} has run or was refused: returns those held back behind it, in order, and holds them no more. */
    List<PendingCommand> release(PendingCommand command) {
        if (lines.isEmpty()) {
            return List.of();
        }
        SessionOf session = SessionOf.of(command);
        Line line = lines.get(session);
        if (line == null || line.head != command) {
            return List.of();
        }
        lines.remove(session);
        return line.behind;
    }
}
