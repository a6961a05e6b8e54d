package io.kvasir.gateway.script;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.RangeCommand;
import io.kvasir.gateway.command.Ranges;
import io.kvasir.gateway.command.database.EachRange;
import io.kvasir.gateway.script.RunningScripts.Kind;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.List;

/**
 * {@code SCRIPT KILL} and {@code FUNCTION KILL}: end all scripts, or functions, that have run for long, wherever they
 * do: at this gateway or where a range is led. They leave nothing behind, so that none is too far gone to be ended.
 */
record ScriptKill(Kind kind, RunningScripts running) implements RangeCommand {

    static final CommandSpec SCRIPT = row("SCRIPT KILL", "2.6.0");
    static final CommandSpec FUNCTION = row("FUNCTION KILL", "7.0.0");

    private static final CommandError NOT_RUNNING = new CommandError("NOTBUSY No scripts in execution right now.");

    private static CommandSpec row(String name, String since) {
        return CommandSpec.of(name, 2, since)
                .flags(CommandFlag.ALLOW_BUSY, CommandFlag.NOSCRIPT)
                .categories(AclCategory.SCRIPTING);
    }

    static Command command(Kind kind, RunningScripts running) {
        return new Command.RangeByRange(spec(kind), _ -> new ScriptKill(kind, running), part(kind, running));
    }

    private static CommandSpec spec(Kind kind) {
        return kind == Kind.SCRIPT ? SCRIPT : FUNCTION;
    }

    private static Command.Data part(Kind kind, RunningScripts running) {
        return new Command.Data(spec(kind), arguments -> new Part(spec(kind), arguments.database(), kind, running));
    }

    @Override
    public CommandSpec spec() {
        return spec(kind);
    }

    @Override
    public Reply run(Ranges ranges) throws CommandError {
        long killed = running.kill(kind);
        for (Reply reply : EachRange.callAll(ranges, part(kind, running), 0)) {
            killed += EachRange.number(reply);
        }
        if (killed == 0) {
            throw NOT_RUNNING;
        }
        return Reply.OK;
    }

    /** Ends what runs in the process that leads a range; answers how many. */
    record Part(CommandSpec spec, int database, Kind kind, RunningScripts running) implements DataCommand {

        @Override
        public Reply execute(Transaction transaction) {
            return Reply.of(running.kill(kind));
        }

        @Override
        public List<byte[]> userKeys() {
            return List.of();
        }
    }
}
