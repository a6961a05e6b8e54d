package io.kvasir.region.range;

import io.kvasir.proto.key.KeyLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The user keys whose next writer is decided: a command that is evaluated away from the owner, and would have to begin
 * again if another wrote them meanwhile. Reads pass. A command takes all its holds at once or none, so none waits for
 * another while it holds.
 *
 * <p>Confined to the range's owner thread.
 */
final class KeyHolds {

    /** A key's holder, and who waits for it in the order of coming. */
    private static final class Hold {

        private final PendingCommand holder;
        private final ArrayDeque<PendingCommand> waiting = new ArrayDeque<>();

        private Hold(PendingCommand holder) {
            this.holder = holder;
        }
    }

    /** By stem. */
    private final Map<byte[], Hold> holds = new TreeMap<>(Arrays::compareUnsigned);

    boolean isEmpty() {
        return holds.isEmpty();
    }

    /** Returns whether {@code key} belongs to a user key held for another command than {@code command}. */
    boolean excludes(byte[] key, PendingCommand command) {
        Hold hold = holds.get(Arrays.copyOf(key, KeyLayout.stemLength(key)));
        return hold != null && hold.holder != command;
    }

    /** Takes all of {@code stems} for {@code command}; false, and none is taken, if one is held for another. */
    boolean take(PendingCommand command, List<byte[]> stems) {
        for (byte[] stem : stems) {
            Hold hold = holds.get(stem);
            if (hold != null && hold.holder != command) {
                return false;
            }
        }
        for (byte[] stem : stems) {
            holds.putIfAbsent(stem, new Hold(command));
        }
        return true;
    }

    /** Makes {@code command} wait for the first of {@code stems} that is held for another; false if none is. */
    boolean await(PendingCommand command, List<byte[]> stems) {
        for (byte[] stem : stems) {
            Hold hold = holds.get(stem);
            if (hold != null && hold.holder != command) {
                hold.waiting.add(command);
                return true;
            }
        }
        return false;
    }

    /** Gives back what {@code command} holds of {@code stems}; returns who waited for that, in order. */
    List<PendingCommand> release(PendingCommand command, List<byte[]> stems) {
        List<PendingCommand> woken = new ArrayList<>();
        for (byte[] stem : stems) {
            Hold hold = holds.get(stem);
            if (hold != null && hold.holder == command) {
                holds.remove(stem);
                woken.addAll(hold.waiting);
            }
        }
        return woken;
    }
}
