package io.kvasir.gateway.script;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.script.RunningScripts.Kind;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code FCALL function numkeys [key...] [argument...]} and {@code FCALL_RO}: a function as one command, which reads
 * the libraries in its own transaction. Of errors and limits {@link Eval} says more.
 *
 * @param commands those it may call
 * @param running where a long run is known
 * @param fault what is wrong with the number of keys, null if nothing; told only of a function that is there
 */
record FCall(
        CommandSpec spec,
        CallableCommands commands,
        FunctionStore store,
        RunningScripts running,
        int database,
        Thresholds thresholds,
        String function,
        @Nullable CommandError fault,
        byte[][] keys,
        byte[][] arguments)
        implements DataCommand.OfKeys {

    static final CommandSpec FCALL = row("FCALL", CommandFlag.MAY_REPLICATE);
    static final CommandSpec FCALL_RO = row("FCALL_RO", CommandFlag.READONLY);

    private static final byte[][] NONE = {};
    private static final CommandError NOT_FOUND = new CommandError("ERR Function not found");
    private static final CommandError BAD_NUMBER = new CommandError("ERR Bad number of keys provided");
    private static final CommandError NEGATIVE = new CommandError("ERR Number of keys can't be negative");
    private static final CommandError TOO_MANY =
            new CommandError("ERR Number of keys can't be greater than number of args");
    private static final CommandError MAY_WRITE =
            new CommandError("ERR Can not execute a script with write flag using *_ro command.");

    private static CommandSpec row(String name, CommandFlag own) {
        return CommandSpec.of(name, -3, "7.0.0")
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

    static FCall parse(
            CommandSpec spec,
            CallableCommands commands,
            FunctionStore store,
            RunningScripts running,
            Arguments arguments)
            throws CommandError {
        String function = new String(arguments.next(), StandardCharsets.ISO_8859_1);
        byte[] number = arguments.next();
        CommandError fault = faultOf(number, arguments.remaining());
        byte[][] keys = fault == null ? arguments.nextKeys((int) NumberText.parseLong(number)) : NONE;
        return new FCall(
                spec,
                commands,
                store,
                running,
                arguments.database(),
                arguments.thresholds(),
                function,
                fault,
                keys,
                arguments.rest());
    }

    private static @Nullable CommandError faultOf(byte[] number, int words) {
        if (!NumberText.isLong(number)) {
            return BAD_NUMBER;
        }
        long count = NumberText.toLong(number);
        return count > words ? TOO_MANY : count < 0 ? NEGATIVE : null;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Functions.Found found = store.read(transaction).find(function);
        if (found == null) {
            throw NOT_FOUND;
        }
        if (fault != null) {
            throw fault;
        }
        boolean readOnly = spec.is(CommandFlag.READONLY);
        boolean mayWrite = !found.function().is(ScriptFlag.NO_WRITES);
        if (readOnly && mayWrite) {
            throw MAY_WRITE;
        }
        ScriptCalls calls = new ScriptCalls(commands, transaction, database, thresholds, mayWrite);
        byte[] name = function.getBytes(StandardCharsets.ISO_8859_1);
        byte[][] command = ScriptRun.command(spec, name, keys, arguments);
        ScriptWatch watch = new ScriptWatch(
                transaction, running, Kind.FUNCTION, found.function().name(), command);
        return calls.withMessages(LibraryRun.call(found.library(), calls, watch, keys, arguments));
    }

    /** See {@link Eval#readOnly}. */
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

    /** Returns its keys, and that of the libraries; none if it declares none, since it may then touch any. */
    @Override
    public List<byte[]> userKeys() {
        if (keys.length == 0) {
            return List.of();
        }
        List<byte[]> all = new ArrayList<>(Arrays.asList(keys));
        all.add(FunctionStore.KEY);
        return all;
    }
}
