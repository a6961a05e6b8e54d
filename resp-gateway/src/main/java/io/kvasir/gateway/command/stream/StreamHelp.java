package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.RangeCommand;
import io.kvasir.gateway.command.Ranges;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.List;

/**
 * {@code XGROUP HELP} and {@code XINFO HELP}: what the subcommands do. They have no key to be routed by and ask no
 * range.
 */
public record StreamHelp(Form form, int database) implements DataCommand, RangeCommand {

    /** The two commands. */
    public enum Form {
        XGROUP(
                "XGROUP <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
                "CREATE <key> <groupname> <id|$> [option]",
                "    Create a new consumer group. Options are:",
                "    * MKSTREAM",
                "      Create the empty stream if it does not exist.",
                "    * ENTRIESREAD entries_read",
                "      Set the group's entries_read counter (internal use).",
                "CREATECONSUMER <key> <groupname> <consumer>",
                "    Create a new consumer in the specified group.",
                "DELCONSUMER <key> <groupname> <consumer>",
                "    Remove the specified consumer.",
                "DESTROY <key> <groupname>",
                "    Remove the specified group.",
                "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
                "    Set the current group ID and entries_read counter.",
                "HELP",
                "    Prints this help."),
        XINFO(
                "XINFO <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
                "CONSUMERS <key> <groupname>",
                "    Show consumers of <groupname>.",
                "GROUPS <key>",
                "    Show the stream consumer groups.",
                "STREAM <key> [FULL [COUNT <count>]",
                "    Show information about the stream.",
                "HELP",
                "    Prints this help.");

        private final CommandSpec spec;
        private final Reply text;

        Form(String... lines) {
            spec = CommandSpec.of(name() + " HELP", 2, "5.0.0")
                    .flags(CommandFlag.LOADING, CommandFlag.STALE)
                    .categories(AclCategory.STREAM);
            text = Reply.array(
                    List.of(lines).stream().<Reply>map(Reply.Status::new).toList());
        }

        /** Returns the row of this command. */
        public Command row() {
            return new Command.RangeByRange(spec, this::parse, new Command.Data(spec, this::parse));
        }

        private StreamHelp parse(Arguments arguments) {
            return new StreamHelp(this, arguments.database());
        }
    }

    /** Returns the error of {@code subcommand} with words that it does not take. */
    static CommandError misused(String container, String subcommand) {
        return new CommandError("ERR unknown subcommand or wrong number of arguments for '" + subcommand + "'. Try "
                + container + " HELP.");
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public List<byte[]> userKeys() {
        return List.of();
    }

    @Override
    public Reply execute(Transaction transaction) {
        return form.text;
    }

    @Override
    public Reply run(Ranges ranges) {
        return form.text;
    }
}
