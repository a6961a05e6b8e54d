package io.kvasir.region.range;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jctools.queues.MpscUnboundedArrayQueue;

/**
 * The commands of a range that wait to be evaluated, in the order they came. Any thread adds at the end; the rest is
 * confined to the range's owner thread. Bounded by admission ({@link CommandEnds}).
 */
final class CommandLine {

    private static final int INBOX_CHUNK = 1024;

    /** Filled by any thread, emptied by the owner. */
    private final MpscUnboundedArrayQueue<PendingCommand> inbox = new MpscUnboundedArrayQueue<>(INBOX_CHUNK);

    private final ArrayDeque<PendingCommand> ready = new ArrayDeque<>();

    /** Whether a batch was closed with commands left over, and none was taken since. */
    private boolean crowded;

    /** Adds {@code command} at the end. Any thread. */
    void offer(PendingCommand command) {
        inbox.offer(command);
    }

    /** Returns whether commands arrived that the owner has not seen. Any thread. */
    boolean hasArrivals() {
        return !inbox.isEmpty();
    }

    /** Lines up what has arrived and returns how many commands wait. */
    int takeIn() {
        for (PendingCommand command = inbox.relaxedPoll(); command != null; command = inbox.relaxedPoll()) {
            ready.add(command);
        }
        return ready.size();
    }

    /**
     * Takes the first {@code countMax} commands, or as many as there are. If they were too many for a batch, sessions
     * take turns: the first command of each, in the order they came, then the second of each, and so on, so that who
     * sends one command does not wait for all that others have piled up.
     */
    List<PendingCommand> take(int countMax) {
        List<PendingCommand> commands = new ArrayList<>(Math.min(ready.size(), countMax));
        while (commands.size() < countMax && !ready.isEmpty()) {
            commands.add(ready.poll());
        }
        if (crowded) {
            crowded = false;
            takeTurns(commands);
        }
        return commands;
    }

    private static void takeTurns(List<PendingCommand> commands) {
        Map<SessionOf, Integer> counts = new HashMap<>();
        int[] round = new int[commands.size()];
        for (int i = 0; i < round.length; i++) {
            round[i] = counts.merge(SessionOf.of(commands.get(i)), 1, Integer::sum);
        }
        if (counts.size() == 1) {
            return;
        }
        List<PendingCommand> inOrder = List.copyOf(commands);
        Integer[] order = new Integer[round.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingInt(i -> round[i])); // stable
        commands.clear();
        for (int i : order) {
            commands.add(inOrder.get(i));
        }
    }

    /** Returns whether the last batch was closed while more commands waited: the next need not wait for more. */
    boolean isCrowded() {
        return crowded;
    }

    /**
     * Puts {@code commands} before all others, in their order, and leaves them empty: a batch has no place for them.
     */
    void putBack(Deque<PendingCommand> commands) {
        crowded |= !commands.isEmpty();
        putFirst(commands);
    }

    /** Puts {@code command} before all others. */
    void putFirst(PendingCommand command) {
        ready.addFirst(command);
    }

    /** Puts {@code commands} before all others, in their order, and leaves them empty. */
    void putFirst(Deque<PendingCommand> commands) {
        while (!commands.isEmpty()) {
            ready.addFirst(commands.pollLast());
        }
    }

    /** Puts {@code commands} before all others, in their order. */
    void putFirst(List<PendingCommand> commands) {
        for (PendingCommand command : commands.reversed()) {
            ready.addFirst(command);
        }
    }
}
