package io.kvasir.gateway.script;

import io.kvasir.gateway.acl.Users;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.script.RunningScripts.Kind;
import io.kvasir.region.time.Ticker;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The scripts this process has seen, by their SHA-1, and the rows of the commands that run them. Each node has its own;
 * what travels to a leader is always the source. The least recently used are forgotten beyond a bound. Safe for any
 * thread.
 */
public final class Scripts {

    static final int SCRIPTS_MAX = 16_384;
    static final long SOURCE_BYTES_MAX = 64L << 20;

    private static final CommandError NO_SCRIPT = new CommandError("NOSCRIPT No matching script. Please use EVAL.");

    /** In the order of use. Guarded by this. */
    private final LinkedHashMap<String, Script> bySha = new LinkedHashMap<>(16, 0.75f, true);

    private long sourceBytes;

    private final Supplier<CommandTable> table;
    private final RunningScripts running;
    private final FunctionStore store = new FunctionStore();

    private final Users users;

    /**
     * Makes the scripts of a process.
     *
     * @param table the table of all commands, asked for once commands run
     * @param users whose rights the calls of scripts need
     */
    public Scripts(Supplier<CommandTable> table, Users users, Ticker ticker) {
        this.table = table;
        this.users = users;
        this.running = new RunningScripts(ticker, ScriptRun.STEPS_MAX);
    }

    /** Returns the commands that run scripts and functions, and those over the libraries of functions. */
    public List<Command> rows() {
        return List.of(
                row(Eval.EVAL, this::load),
                row(Eval.EVAL_RO, this::load),
                row(Eval.EVALSHA, this::require),
                row(Eval.EVALSHA_RO, this::require),
                ScriptKill.command(Kind.SCRIPT, running),
                row(FCall.FCALL),
                row(FCall.FCALL_RO),
                RunAs.command(table),
                new Command.Data(FunctionLoad.SPEC, arguments -> FunctionLoad.parse(store, arguments)),
                new Command.Data(FunctionDelete.SPEC, arguments -> FunctionDelete.parse(store, arguments)),
                new Command.Data(FunctionFlush.SPEC, arguments -> FunctionFlush.parse(store, arguments)),
                new Command.Data(FunctionList.SPEC, arguments -> FunctionList.parse(store, arguments)),
                new Command.Data(FunctionDump.SPEC, _ -> new FunctionDump(store)),
                new Command.Data(FunctionRestore.SPEC, arguments -> FunctionRestore.parse(store, arguments)),
                FunctionStats.command(store, running),
                ScriptKill.command(Kind.FUNCTION, running));
    }

    private Command row(CommandSpec spec, Eval.Source source) {
        return new Command.Data(spec, arguments -> Eval.parse(spec, commands(arguments), running, source, arguments));
    }

    private Command row(CommandSpec spec) {
        return new Command.Data(spec, arguments -> FCall.parse(spec, commands(arguments), store, running, arguments));
    }

    private CallableCommands commands(Arguments arguments) {
        return new CallableCommands(table.get(), users, arguments.user());
    }

    /**
     * Returns {@code words} with the source in place of the SHA-1, if they call a script by a SHA-1 that is known;
     * {@code words} themselves otherwise.
     */
    public byte[][] withSource(Command command, byte[][] words) {
        CommandSpec spec = command.spec();
        if (spec != Eval.EVALSHA && spec != Eval.EVALSHA_RO) {
            return words;
        }
        Script script = find(words[1]);
        if (script == null) {
            return words;
        }
        byte[][] expanded = words.clone();
        expanded[0] = (spec == Eval.EVALSHA ? Eval.EVAL : Eval.EVAL_RO).name().getBytes(StandardCharsets.US_ASCII);
        expanded[1] = script.source();
        return expanded;
    }

    /**
     * Parses {@code source}, unless it is known, and keeps it.
     *
     * @throws CommandError if it does not parse
     */
    public Script load(byte[] source) throws CommandError {
        String sha = Script.sha(source);
        synchronized (this) {
            Script known = bySha.get(sha);
            if (known != null) {
                return known;
            }
        }
        Script script = Script.parse(source);
        keep(script);
        return script;
    }

    private synchronized void keep(Script script) {
        if (bySha.put(script.sha(), script) == null) {
            sourceBytes += script.source().length;
        }
        Iterator<Map.Entry<String, Script>> oldest = bySha.entrySet().iterator();
        while (bySha.size() > SCRIPTS_MAX || sourceBytes > SOURCE_BYTES_MAX && bySha.size() > 1) {
            sourceBytes -= oldest.next().getValue().source().length;
            oldest.remove();
        }
    }

    private Script require(byte[] sha) throws CommandError {
        Script script = find(sha);
        if (script == null) {
            throw NO_SCRIPT;
        }
        return script;
    }

    /** Returns the script whose SHA-1 is {@code sha} in any case, null if it is unknown. */
    public synchronized @Nullable Script find(byte[] sha) {
        return bySha.get(new String(sha, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT));
    }

    /** Forgets all scripts. */
    public synchronized void clear() {
        bySha.clear();
        sourceBytes = 0;
    }

    /** Returns how many scripts are kept. */
    public synchronized int size() {
        return bySha.size();
    }
}
