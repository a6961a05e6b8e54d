package io.kvasir.gateway.script;

import io.kvasir.gateway.lua.Arguments;
import io.kvasir.gateway.lua.LuaError;
import io.kvasir.gateway.lua.LuaFunction;
import io.kvasir.gateway.lua.LuaString;
import io.kvasir.gateway.lua.LuaTable;
import io.kvasir.gateway.lua.Numbers;
import io.kvasir.gateway.script.FunctionLibrary.Function;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a library registers while its code runs: {@code redis.register_function} in both forms (redis function_lua.c).
 * Belongs to one run.
 */
final class Registration {

    private static final String NAME = "redis.register_function";

    private final SortedMap<String, Function> functions = new TreeMap<>();
    private final SortedMap<String, LuaFunction> callbacks = new TreeMap<>();
    private boolean over;

    /** Returns what was registered. */
    SortedMap<String, Function> functions() {
        return Collections.unmodifiableSortedMap(functions);
    }

    /** Returns the code of {@code function}, null if it was not registered. */
    @Nullable
    LuaFunction callback(String function) {
        return callbacks.get(function);
    }

    /** Nothing can be registered from now on. */
    void end() {
        over = true;
    }

    /** The library function. */
    @Nullable
    Object[] register(Arguments arguments) {
        if (over) {
            throw failure(NAME + " can only be called on FUNCTION LOAD command");
        }
        Draft draft = new Draft();
        switch (arguments.count()) {
            case 1 -> draft.readNamed(arguments.get(1));
            case 2 -> draft.readPositional(arguments.get(1), arguments.get(2));
            default -> throw failure("wrong number of arguments to " + NAME);
        }
        if (!FunctionLibrary.isName(draft.name)) {
            throw failure(FunctionLibrary.BAD_NAME);
        }
        if (functions.containsKey(draft.name)) {
            throw failure("Function already exists in the library");
        }
        functions.put(draft.name, new Function(draft.name, draft.description, draft.flags));
        callbacks.put(draft.name, draft.requireCallback());
        return new Object[0];
    }

    private static LuaError failure(String message) {
        return RedisLibrary.failure(message);
    }

    /** One function on its way. */
    private static final class Draft {

        private String name = "";
        private boolean named;
        private @Nullable LuaString description;
        private @Nullable LuaFunction callback;
        private Set<ScriptFlag> flags = EnumSet.noneOf(ScriptFlag.class);

        void readPositional(@Nullable Object first, @Nullable Object second) {
            name = string(first, "first argument to " + NAME + " must be a string")
                    .latin1();
            if (!(second instanceof LuaFunction function)) {
                throw failure("second argument to " + NAME + " must be a function");
            }
            callback = function;
        }

        void readNamed(@Nullable Object only) {
            if (!(only instanceof LuaTable table)) {
                throw failure("calling " + NAME
                        + " with a single argument is only applicable to Lua table (representing named arguments).");
            }
            table.forEach(this::read);
            if (!named) {
                throw failure(NAME + " must get a function name argument");
            }
            LuaFunction unused = requireCallback();
        }

        private void read(Object key, Object value) {
            String word = string(key, "named argument key given to " + NAME + " is not a string")
                    .latin1()
                    .toLowerCase(Locale.ROOT);
            switch (word) {
                case "function_name" -> {
                    name = string(value, "function_name argument given to " + NAME + " must be a string")
                            .latin1();
                    named = true;
                }
                case "description" ->
                    description = string(value, "description argument given to " + NAME + " must be a string");
                case "callback" -> {
                    if (!(value instanceof LuaFunction function)) {
                        throw failure("callback argument given to " + NAME + " must be a function");
                    }
                    callback = function;
                }
                case "flags" -> {
                    if (!(value instanceof LuaTable table)) {
                        throw failure("flags argument to " + NAME + " must be a table representing function flags");
                    }
                    flags = flagsOf(table);
                }
                default -> throw failure("unknown argument given to " + NAME);
            }
        }

        private static Set<ScriptFlag> flagsOf(LuaTable table) {
            Set<ScriptFlag> flags = EnumSet.noneOf(ScriptFlag.class);
            for (int i = 1; table.get(i) != null; i++) {
                LuaString text = string(table.get(i), "unknown flag given");
                flags.add(ScriptFlag.find(text.latin1()).orElseThrow(() -> failure("unknown flag given")));
            }
            return flags;
        }

        LuaFunction requireCallback() {
            LuaFunction given = callback;
            if (given == null) {
                throw failure(NAME + " must get a callback argument");
            }
            return given;
        }

        /** Returns a string, or a number as one. */
        private static LuaString string(@Nullable Object value, String otherwise) {
            return switch (value) {
                case LuaString text -> text;
                case Double number -> LuaString.of(Numbers.general(number, 14, false));
                case null, default -> throw failure(otherwise);
            };
        }
    }
}
