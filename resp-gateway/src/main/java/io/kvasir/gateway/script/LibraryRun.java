package io.kvasir.gateway.script;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.lua.Lua;
import io.kvasir.gateway.lua.LuaError;
import io.kvasir.gateway.lua.LuaFunction;
import io.kvasir.gateway.lua.LuaTable;
import io.kvasir.gateway.script.FunctionLibrary.Function;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Withdrawn;
import java.util.Objects;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Runs the code of a library, and a function that it registered. Each call runs the code anew, so that nothing of one
 * call is left for the next: a function is a function of its arguments and of the keys it reads. Stateless.
 *
 * <p>While the code runs it sees {@code redis.register_function}, {@code redis.log} and the version; a function sees
 * what scripts see (redis function_lua.c).
 */
final class LibraryRun {

    /** Calls and turns of loops that registering may take; nobody is to wait for it long. */
    private static final long LOAD_STEPS_MAX = 500_000;

    private static final CommandError LOAD_TIMEOUT =
            new CommandError("ERR Error registering functions: ERR FUNCTION LOAD timeout");

    private LibraryRun() {}

    /**
     * Runs the code of a library for what it registers.
     *
     * @throws CommandError with Redis' text if it fails
     */
    static SortedMap<String, Function> load(LuaFunction body) throws CommandError {
        Lua lua = new Lua(new Lua.Limits(LOAD_STEPS_MAX, ScriptWatch.BYTES_MAX, () -> false), 0);
        Registration registration = new Registration();
        Globals unused = Globals.of(lua, registration);
        try {
            lua.run(body);
        } catch (LuaError error) {
            throw new CommandError("ERR Error registering functions: " + ScriptRun.message(error));
        } catch (Lua.Stopped stopped) {
            throw LOAD_TIMEOUT;
        }
        return registration.functions();
    }

    /**
     * Calls the function of {@code library} that {@code watch} names.
     *
     * @throws Withdrawn if it passed a limit or was ended; all it has written is to be taken back
     */
    static Reply call(
            FunctionLibrary library, ScriptCalls calls, ScriptWatch watch, byte[][] keys, byte[][] arguments) {
        Lua lua = new Lua(watch.limits(), calls.random());
        Registration registration = new Registration();
        Globals globals = Globals.of(lua, registration);
        try {
            lua.run(library.body());
            registration.end();
            globals.open(calls);
            LuaFunction callback = Objects.requireNonNull(registration.callback(watch.name()), "not registered again");
            @Nullable Object[] values = lua.run(callback, ScriptRun.strings(keys), ScriptRun.strings(arguments));
            return Values.toReply(values.length == 0 ? null : values[0], calls.resp3());
        } catch (LuaError error) {
            return ScriptRun.failure(watch.name(), FunctionLibrary.CHUNK, error);
        } catch (Lua.Stopped stopped) {
            throw watch.withdrawn(stopped);
        } finally {
            watch.end();
        }
    }

    /**
     * The globals of a run: an empty table, whose metatable says what names mean, first for the code and then for a
     * function.
     *
     * @param all what scripts see
     */
    private record Globals(LuaTable metatable, LuaTable all) {

        static Globals of(Lua lua, Registration registration) {
            LuaTable all = new LuaTable();
            lua.globals().forEach(all::set);
            all.forEach((name, _) -> lua.globals().set(name, null));
            all.put("_G", all);
            LuaTable loading = new LuaTable();
            loading.put("redis", RedisLibrary.forLoading((_, arguments) -> registration.register(arguments)));
            loading.setMetatable(ScriptRun.strict());
            loading.makeReadOnly();
            LuaTable metatable = new LuaTable();
            metatable.put("__index", loading);
            lua.globals().setMetatable(metatable);
            lua.globals().makeReadOnly();
            return new Globals(metatable, all);
        }

        void open(ScriptCalls calls) {
            all.put("redis", new RedisLibrary(calls).make());
            all.setMetatable(ScriptRun.strict());
            all.makeReadOnly();
            metatable.put("__index", all);
        }
    }
}
