package io.kvasir.region.range;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
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

    /** Takes the first {@code countMax} commands, or as many as there are. */
    List<PendingCommand> take(int countMax) {
        List<PendingCommand> commands = new ArrayList<>(Math.min(ready.size(), countMax));
        while (commands.size() < countMax && !ready.isEmpty()) {
            commands.add(ready.poll());
        }
        return commands;
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
