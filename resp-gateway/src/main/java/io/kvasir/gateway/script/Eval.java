package io.kvasir.gateway.script;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.script.RunningScripts.Kind;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.Arrays;
import java.util.List;

/**
 * {@code EVAL script numkeys [key...] [argument...]} and {@code EVAL_RO}: a script as one command. An error it raises
 * keeps what it wrote before; one that passes a limit keeps nothing (rule K34).
 *
 * @param commands those it may call
 * @param running where a long run is known
 */
record Eval(
        CommandSpec spec,
        CallableCommands commands,
        RunningScripts running,
        int database,
        Thresholds thresholds,
        Script script,
        byte[][] keys,
        byte[][] arguments)
        implements DataCommand.OfKeys {

    static final CommandSpec EVAL = row("EVAL", "2.6.0", CommandFlag.MAY_REPLICATE);
    static final CommandSpec EVAL_RO = row("EVAL_RO", "7.0.0", CommandFlag.READONLY);
    static final CommandSpec EVALSHA = row("EVALSHA", "2.6.0", CommandFlag.MAY_REPLICATE);
    static final CommandSpec EVALSHA_RO = row("EVALSHA_RO", "7.0.0", CommandFlag.READONLY);

    private static final CommandError NEGATIVE = new CommandError("ERR Number of keys can't be negative");
    private static final CommandError TOO_MANY =
            new CommandError("ERR Number of keys can't be greater than number of args");

    private static CommandSpec row(String name, String since, CommandFlag own) {
        return CommandSpec.of(name, -3, since)
                .flags(
                        own,
                        CommandFlag.NOSCRIPT,
                        CommandFlag.NO_MANDATORY_KEYS,
                        CommandFlag.SKIP_MONITOR,
                        CommandFlag.STALE)
                .categories(AclCategory.SCRIPTING)
                .keys(new KeySpec.Counted(
                        2, 3, own == CommandFlag.READONLY ? KeySpec.Access.READ : KeySpec.Access.READ_WRITE));
    }

    /** Finds a script by the word that names it. */
    @FunctionalInterface
    interface Source {

        Script script(byte[] word) throws CommandError;
    }

    static Eval parse(
            CommandSpec spec, CallableCommands commands, RunningScripts running, Source source, Arguments arguments)
            throws CommandError {
        byte[] word = arguments.next();
        long count = arguments.nextLong();
        if (count > arguments.remaining()) {
            throw TOO_MANY;
        }
        if (count < 0) {
            throw NEGATIVE;
        }
        Script script = source.script(word);
        byte[][] keys = count == 0 ? new byte[0][] : arguments.nextKeys((int) count);
        return new Eval(
                spec, commands, running, arguments.database(), arguments.thresholds(), script, keys, arguments.rest());
    }

    @Override
    public Reply execute(Transaction transaction) {
        boolean mayWrite = !spec.is(CommandFlag.READONLY) && !script.readOnly();
        ScriptCalls calls = new ScriptCalls(commands, transaction, database, thresholds, mayWrite);
        byte[][] command = ScriptRun.command(spec, script.source(), keys, arguments);
        ScriptWatch watch = new ScriptWatch(transaction, running, Kind.SCRIPT, script.sha(), command);
        return calls.withMessages(ScriptRun.run(script, calls, watch, keys, arguments));
    }

    /** A script never runs where connections are served, and its keys are known only afterwards. */
    @Override
    public boolean readOnly() {
        return false;
    }

    @Override
    public boolean mayGrow() {
        return !spec.is(CommandFlag.READONLY);
    }

    @Override
    public boolean mayReachOthers() {
        return true;
    }

    @Override
    public List<byte[]> userKeys() {
        return Arrays.asList(keys);
    }
}
