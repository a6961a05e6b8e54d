package io.kvasir.gateway.script;

import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.lua.Lua;
import io.kvasir.gateway.lua.LuaError;
import io.kvasir.gateway.lua.LuaFunction;
import io.kvasir.gateway.lua.LuaString;
import io.kvasir.gateway.lua.LuaTable;
import io.kvasir.gateway.lua.Numbers;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Withdrawn;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs a script over calls of one transaction, and makes a reply of what it returns or raises. Stateless. */
final class ScriptRun {

    /** Calls and turns of loops a script may take; what its leader waits for is far less (rule K32). */
    static final long STEPS_MAX = 200_000_000;

    private static final LuaFunction NO_SUCH_GLOBAL = new LuaFunction.Library((_, arguments) -> {
        throw new LuaError("Script attempted to access nonexistent global variable '" + arguments.string(2) + "'");
    });

    private ScriptRun() {}

    /**
     * Runs {@code script}.
     *
     * @throws Withdrawn if it passed a limit or was ended; all it has written is to be taken back
     */
    static Reply run(Script script, ScriptCalls calls, ScriptWatch watch, byte[][] keys, byte[][] arguments) {
        Lua lua = new Lua(watch.limits(), calls.random());
        LuaTable globals = lua.globals();
        globals.put("redis", new RedisLibrary(calls).make());
        globals.put("KEYS", strings(keys));
        globals.put("ARGV", strings(arguments));
        globals.setMetatable(strict());
        globals.makeReadOnly();
        try {
            @Nullable Object[] values = lua.run(script.body());
            return Values.toReply(values.length == 0 ? null : values[0], calls.resp3());
        } catch (LuaError error) {
            return failure(script.sha(), Script.CHUNK, error);
        } catch (Lua.Stopped stopped) {
            throw watch.withdrawn(stopped);
        } finally {
            watch.end();
        }
    }

    /** Returns all words of a command that runs {@code code}. */
    static byte[][] command(CommandSpec spec, byte[] code, byte[][] keys, byte[][] arguments) {
        List<byte[]> words = new ArrayList<>();
        words.add(spec.replyName().getBytes(StandardCharsets.US_ASCII));
        words.add(code);
        words.add(NumberText.bytes(keys.length));
        words.addAll(Arrays.asList(keys));
        words.addAll(Arrays.asList(arguments));
        return words.toArray(byte[][]::new);
    }

    /** Returns the metatable of a table whose absent names are errors. */
    static LuaTable strict() {
        LuaTable metatable = new LuaTable();
        metatable.put("__index", NO_SUCH_GLOBAL);
        return metatable;
    }

    static LuaTable strings(byte[][] words) {
        LuaTable table = new LuaTable();
        for (int i = 0; i < words.length; i++) {
            table.put(i + 1, LuaString.of(words[i]));
        }
        return table;
    }

    /**
     * Returns the error with where it came from (redis script_lua.c, luaCallFunction).
     *
     * @param name what the user called
     */
    static Reply failure(String name, String chunk, LuaError error) {
        return Reply.error(
                Values.oneLine(message(error) + " script: " + name + ", on @" + chunk + ":" + error.line() + "."));
    }

    /** Returns what {@code error} says. */
    static String message(LuaError error) {
        return switch (error.value()) {
            case LuaTable table when table.get("err") instanceof LuaString message -> message.latin1();
            case LuaString message -> "ERR " + message.latin1();
            case Double number -> "ERR " + LuaString.of(Numbers.general(number, 14, false));
            case Boolean truth -> "ERR " + truth;
            case null -> "ERR nil";
            default -> "ERR unknown error";
        };
    }
}
