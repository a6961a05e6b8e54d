package io.kvasir.gateway.session;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.proto.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What the rows of session commands have in common. Stateless. */
final class Rows {

    private Rows() {}

    static Command immediate(CommandSpec spec, SessionCommand.ImmediateCode code) {
        return new SessionCommand.Immediate(spec, code);
    }

    static Command container(String name, String since, CommandFlag... flags) {
        return new Command.Container(CommandSpec.of(name, -2, since).flags(flags));
    }

    /** Returns the row of a command of the category of connections. */
    static CommandSpec connection(String name, int arity, String since, CommandFlag... flags) {
        return CommandSpec.of(name, arity, since).flags(flags).categories(AclCategory.CONNECTION);
    }

    static CommandSpec row(String name, int arity, String since, CommandFlag... flags) {
        return CommandSpec.of(name, arity, since).flags(flags);
    }

    /** Returns the reply of a HELP subcommand, in the form redis addReplyHelp gives it. */
    static Reply help(String container, String... lines) {
        List<Reply> all = new ArrayList<>();
        all.add(new Reply.Status(container + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
        for (String line : lines) {
            all.add(new Reply.Status(line));
        }
        all.add(new Reply.Status("HELP"));
        all.add(new Reply.Status("    Prints this help."));
        return Reply.array(all);
    }

    /** Returns the error of a subcommand whose number of words is refused by its own code. */
    static CommandError wrongWords(String container, String subcommand) {
        return new CommandError("ERR unknown subcommand or wrong number of arguments for '" + subcommand + "'. Try "
                + container + " HELP.");
    }

    /** Returns {@code word} as text of one char a byte. */
    static String text(byte[] word) {
        return new String(word, StandardCharsets.ISO_8859_1);
    }

    /** Returns {@code text}, of one char a byte, as a bulk string. */
    static Reply bulk(String text) {
        return new Reply.Bulk(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Returns {@code text}, of one char a byte, as text for people. */
    static Reply verbatim(String text) {
        return new Reply.Verbatim("txt", text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
