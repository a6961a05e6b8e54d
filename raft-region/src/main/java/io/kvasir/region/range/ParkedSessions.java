package io.kvasir.region.range;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Commands that wait for a record to be read or a lock to go, each with the later commands of its own session behind it
 * (rule K28). Confined to the range's owner thread.
 */
final class ParkedSessions {

    private record SessionOf(long gateway, long session) {}

    private final Map<SessionOf, List<PendingCommand>> waiting = new HashMap<>();

    private static SessionOf sessionOf(PendingCommand command) {
        return new SessionOf(command.place.gateway(), command.request.session());
    }

    /** Parks {@code command}; none of its session may be parked already. */
    void park(PendingCommand command) {
        List<PendingCommand> line = new ArrayList<>(1);
        line.add(command);
        List<PendingCommand> before = waiting.put(sessionOf(command), line);
        assert before == null : "two parked commands of one session";
    }

    /** Puts {@code command} behind a parked one of its session; returns whether there is one. */
    boolean holdBack(PendingCommand command) {
        if (waiting.isEmpty()) {
            return false;
        }
        List<PendingCommand> line = waiting.get(sessionOf(command));
        if (line == null) {
            return false;
        }
        line.add(command);
        return true;
    }

    /** Returns {@code command} and those held back behind it, in order, and parks them no more. */
    List<PendingCommand> release(PendingCommand command) {
        List<PendingCommand> line = waiting.remove(sessionOf(command));
        return line == null ? List.of() : line;
    }
}
