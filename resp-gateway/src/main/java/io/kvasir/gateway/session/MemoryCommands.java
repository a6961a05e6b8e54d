package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.LOADING;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.key.MemoryUsage;
import io.kvasir.proto.reply.Reply;
import java.util.List;
import java.util.function.Supplier;

/** The MEMORY commands: USAGE of a key, and what the node measures of its memory. */
final class MemoryCommands {

    /** Share of the budget from which DOCTOR finds the node short of memory. */
    private static final double SHORT_OF_MEMORY = 0.95;

    private final Supplier<NodeReadings> readings;

    MemoryCommands(Supplier<NodeReadings> readings) {
        this.readings = readings;
    }

    List<Command> all() {
        return List.of(
                Rows.container("MEMORY", "4.0.0"),
                new Command.Data(MemoryUsage.SPEC, MemoryUsage::parse),
                Rows.immediate(Rows.row("MEMORY DOCTOR", 2, "4.0.0"), (_, _) -> Rows.verbatim(report(readings.get()))),
                // As Redis answers where it was built without jemalloc.
                Rows.immediate(
                        Rows.row("MEMORY MALLOC-STATS", 2, "4.0.0"),
                        (_, _) -> Reply.bulk("Stats not supported for the current allocator")),
                Rows.immediate(Rows.row("MEMORY PURGE", 2, "4.0.0"), (_, _) -> Reply.OK),
                Rows.immediate(Rows.row("MEMORY STATS", 2, "4.0.0"), (_, _) -> stats(readings.get())),
                Rows.immediate(Rows.row("MEMORY HELP", 2, "4.0.0", LOADING, STALE), (_, _) -> help()));
    }

    private static String report(NodeReadings now) {
        if (now.residentBytes() > SHORT_OF_MEMORY * now.memoryBudgetBytes()) {
            return "This node uses " + now.residentBytes() + " bytes of its " + now.memoryBudgetBytes()
                    + ": commands may be slowed down. Give it more by memory.total.\n";
        }
        return "Nothing is wrong with the memory of this node: " + now.residentBytes() + " bytes of its "
                + now.memoryBudgetBytes() + " are in use.\n";
    }

    /** Answers the fields of Redis that mean something here. */
    private static Reply stats(NodeReadings now) {
        long keys =
                now.keyspace().stream().mapToLong(NodeReadings.Keyspace::keys).sum();
        long used = now.usedMemoryBytes();
        return new Reply.MapOf(List.of(
                Reply.bulk("peak.allocated"),
                Reply.of(now.peakMemoryBytes()),
                Reply.bulk("total.allocated"),
                Reply.of(used),
                Reply.bulk("keys.count"),
                Reply.of(keys),
                Reply.bulk("peak.percentage"),
                new Reply.Real(now.peakMemoryBytes() == 0 ? 0 : 100.0 * used / now.peakMemoryBytes()),
                Reply.bulk("allocator.allocated"),
                Reply.of(used),
                Reply.bulk("allocator.resident"),
                Reply.of(now.residentBytes()),
                Reply.bulk("fragmentation"),
                new Reply.Real(used == 0 ? 0 : (double) now.residentBytes() / used),
                Reply.bulk("fragmentation.bytes"),
                Reply.of(Math.max(0, now.residentBytes() - used))));
    }

    private static Reply help() {
        return Rows.help(
                "MEMORY",
                "DOCTOR",
                "    Return a report on the memory of this node, for people.",
                "MALLOC-STATS",
                "    Return what the allocator says of itself, which is nothing.",
                "PURGE",
                "    Do what Redis does without jemalloc: nothing.",
                "STATS",
                "    Return measures of the memory of this node.",
                "USAGE <key> [SAMPLES <count>]",
                "    Return the bytes of <key> and its value as they are stored. Of many elements <count>",
                "    are looked at (default: 5, 0 means all).");
    }
}
