package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.RangeCommand;
import io.kvasir.gateway.command.Ranges;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.List;

/** {@code OBJECT HELP}: what the subcommands do. It has no key to be routed by and asks no range. */
public record ObjectHelp(int database) implements DataCommand, RangeCommand {

    /** The row of OBJECT itself. */
    public static final CommandSpec CONTAINER = CommandSpec.of("OBJECT", -2, "2.2.3");

    public static final CommandSpec SPEC = CommandSpec.of("OBJECT HELP", 2, "6.2.0")
            .flags(CommandFlag.LOADING, CommandFlag.STALE)
            .categories(AclCategory.KEYSPACE);

    private static final List<String> LINES = List.of(
            "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
            "ENCODING <key>",
            "    Return the kind of internal representation used in order to store the value",
            "    associated with a <key>.",
            "FREQ <key>",
            "    Return the access frequency index of the <key>. The returned integer is",
            "    proportional to the logarithm of the recent access frequency of the key.",
            "IDLETIME <key>",
            "    Return the idle time of the <key>, that is the approximated number of",
            "    seconds elapsed since the last access to the key.",
            "REFCOUNT <key>",
            "    Return the number of references of the value associated with the specified",
            "    <key>.",
            "HELP",
            "    Prints this help.");

    /** Returns the row. */
    public static Command row() {
        return new Command.RangeByRange(SPEC, ObjectHelp::parse, new Command.Data(SPEC, ObjectHelp::parse));
    }

    private static ObjectHelp parse(Arguments arguments) {
        return new ObjectHelp(arguments.database());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public List<byte[]> userKeys() {
        return List.of();
    }

    @Override
    public Reply execute(Transaction transaction) {
        return text();
    }

    @Override
    public Reply run(Ranges ranges) {
        return text();
    }

    private static Reply text() {
        return Reply.array(LINES.stream().<Reply>map(Reply.Status::new).toList());
    }
}
