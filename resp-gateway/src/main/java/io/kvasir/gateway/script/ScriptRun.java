package io.kvasir.gateway.script;

import io.kvasir.gateway.lua.Lua;
import io.kvasir.gateway.lua.LuaError;
import io.kvasir.gateway.lua.LuaFunction;
import io.kvasir.gateway.lua.LuaString;
import io.kvasir.gateway.lua.LuaTable;
import io.kvasir.gateway.lua.Numbers;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Withdrawn;
import org.jspecify.annotations.Nullable;

/** Runs a script over calls of one transaction, and makes a reply of what it returns or raises. Stateless. */
final class ScriptRun {

    /** Calls and turns of loops a script may take where other commands wait for it (rule K32). */
    static final long STEPS_MAX = 5_000_000;

    /** Memory a script may hold at once. */
    static final long BYTES_MAX = 64L << 20;

    private static final Lua.Limits LIMITS =
            new Lua.Limits(STEPS_MAX, BYTES_MAX, () -> Thread.currentThread().isInterrupted());

    private static final LuaFunction NO_SUCH_GLOBAL = new LuaFunction.Library((_, arguments) -> {
        throw new LuaError("Script attempted to access nonexistent global variable '" + arguments.string(2) + "'");
    });

    private ScriptRun() {}

    /**
     * Runs {@code script}.
     *
     * @throws Withdrawn if it passed a limit; all it has written is to be taken back
     */
    static Reply run(Script script, ScriptCalls calls, byte[][] keys, byte[][] arguments) {
        Lua lua = new Lua(LIMITS, calls.random());
        LuaTable globals = lua.globals();
        globals.put("redis", new RedisLibrary(calls).make());
        globals.put("KEYS", strings(keys));
        globals.put("ARGV", strings(arguments));
        LuaTable metatable = new LuaTable();
        metatable.put("__index", NO_SUCH_GLOBAL);
        globals.setMetatable(metatable);
        globals.makeReadOnly();
        try {
            @Nullable Object[] values = lua.run(script.body());
            return Values.toReply(values.length == 0 ? null : values[0], calls.resp3());
        } catch (LuaError error) {
            return failure(script, error);
        } catch (Lua.Stopped stopped) {
            throw new Withdrawn(new Reply.Error("ERR " + stopped.getMessage() + ", it had no effect"));
        }
    }

    private static LuaTable strings(byte[][] words) {
        LuaTable table = new LuaTable();
        for (int i = 0; i < words.length; i++) {
            table.put(i + 1, LuaString.of(words[i]));
        }
        return table;
    }

    /** Returns the error with where it came from (redis script_lua.c, luaCallFunction). */
    private static Reply failure(Script script, LuaError error) {
        String text =
                switch (error.value()) {
                    case LuaTable table when table.get("err") instanceof LuaString message -> message.latin1();
                    case LuaString message -> "ERR " + message.latin1();
                    case Double number -> "ERR " + LuaString.of(Numbers.general(number, 14, false));
                    case Boolean truth -> "ERR " + truth;
                    case null -> "ERR nil";
                    default -> "ERR unknown error";
                };
        return Reply.error(
                Values.oneLine(text + " script: " + script.sha() + ", on @" + Script.CHUNK + ":" + error.line() + "."));
    }
}
