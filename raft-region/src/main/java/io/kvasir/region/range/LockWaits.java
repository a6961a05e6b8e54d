package io.kvasir.region.range;

import io.kvasir.region.Invocation;
import io.kvasir.region.KeyLock;
import io.kvasir.region.KeySpan;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Commands that wait for locks, in the order they came, by the key whose lock stood in their way (rule K18). They hold
 * nothing meanwhile. Confined to the range's owner thread.
 */
final class LockWaits {

    private record Waiting(PendingCommand command, long sinceNanos) {}

    private record Line(KeyLock lock, ArrayDeque<Waiting> commands) {}

    private final Map<byte[], Line> lines = new TreeMap<>(Arrays::compareUnsigned);

    boolean isEmpty() {
        return lines.isEmpty();
    }

    /** Puts {@code command} at the end of the line for {@code lock}. */
    void add(KeyLock lock, PendingCommand command, long nowNanos) {
        Line line = lines.computeIfAbsent(lock.stem(), stem -> new Line(lock, new ArrayDeque<>()));
        line.commands.add(new Waiting(command, nowNanos));
    }

    List<Invocation> waiting(byte[] stem) {
        Line line = lines.get(stem);
        return line == null
                ? List.of()
                : line.commands.stream()
                        .map(waiting -> waiting.command.invocation)
                        .toList();
    }

    /** Returns what waits for a lock in {@code span}, or for one on a span that overlaps it. */
    List<Invocation> waitingWithin(KeySpan span) {
        List<Invocation> found = new ArrayList<>();
        for (Line line : lines.values()) {
            KeySpan waited = line.lock.span();
            if (waited == null ? span.covers(line.lock.stem()) : span.overlaps(waited)) {
                line.commands.forEach(waiting -> found.add(waiting.command.invocation));
            }
        }
        return found;
    }

    /** Takes out all that wait for a lock on {@code stem}, in order. */
    List<PendingCommand> release(byte[] stem) {
        Line line = lines.remove(stem);
        return line == null
                ? List.of()
                : line.commands.stream().map(waiting -> waiting.command).toList();
    }

    /** Takes out all that wait for anything. */
    List<PendingCommand> releaseAll() {
        List<PendingCommand> all = new ArrayList<>();
        lines.values().forEach(line -> line.commands.forEach(waiting -> all.add(waiting.command)));
        lines.clear();
        return all;
    }

    /** Takes out what has waited since before {@code startNanos}. */
    List<PendingCommand> takeOverdue(long startNanos) {
        List<PendingCommand> overdue = new ArrayList<>();
        lines.values().removeIf(line -> {
            while (!line.commands.isEmpty() && line.commands.getFirst().sinceNanos - startNanos < 0) {
                overdue.add(line.commands.removeFirst().command);
            }
            return line.commands.isEmpty();
        });
        return overdue;
    }

    /** Names one lock for each key that is waited for. */
    void forEachLock(Consumer<KeyLock> consumer) {
        List<KeyLock> locks = lines.values().stream().map(Line::lock).toList();
        locks.forEach(consumer);
    }
}
