package io.kvasir.gateway.script;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.lua.Lua;
import io.kvasir.gateway.lua.LuaError;
import io.kvasir.gateway.lua.LuaFunction;
import io.kvasir.gateway.lua.LuaString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * A library of functions, parsed, with what its code registered when it ran (redis functions.c). Immutable; may be run
 * by any thread.
 *
 * @param name its name, of letters, digits and underscores
 * @param code its code as it was loaded, first line included
 * @param body the code, to be run before a function of it is called
 * @param functions what it registered, by name
 */
record FunctionLibrary(String name, byte[] code, LuaFunction body, SortedMap<String, Function> functions) {

    static final String ENGINE = "LUA";
    static final String CHUNK = "user_function";

    private static final String NAME_PREFIX = "name=";
    private static final CommandError NO_METADATA = new CommandError("ERR Missing library metadata");
    private static final CommandError BAD_METADATA = new CommandError("ERR Invalid library metadata");
    private static final CommandError NO_NAME = new CommandError("ERR Library name was not given");
    private static final CommandError TWO_NAMES =
            new CommandError("ERR Invalid metadata value, name argument was given multiple times");
    private static final CommandError NO_FUNCTIONS = new CommandError("ERR No functions registered");
    static final String BAD_NAME = "Library names can only contain letters, numbers, or underscores(_) and must be at"
            + " least one character long";

    /**
     * A function as its library registered it.
     *
     * @param description what FUNCTION LIST says of it, null for nothing
     */
    record Function(String name, @Nullable LuaString description, Set<ScriptFlag> flags) {

        boolean is(ScriptFlag flag) {
            return flags.contains(flag);
        }
    }

    /**
     * The first line of a library, {@code #!engine name=…}.
     *
     * @param length bytes it takes, its newline left out, so that lines keep their numbers
     */
    record Header(String engine, String name, int length) {

        /** @throws CommandError with Redis' text if there is none, or it is not well formed */
        static Header of(byte[] code) throws CommandError {
            if (code.length < 2 || code[0] != '#' || code[1] != '!') {
                throw NO_METADATA;
            }
            int end = 0;
            while (end < code.length && code[end] != '\n') {
                end++;
            }
            if (end == code.length) {
                throw BAD_METADATA;
            }
            String[] words = new String(code, 0, end, StandardCharsets.ISO_8859_1)
                    .strip()
                    .split("\\s+");
            String name = null;
            for (int i = 1; i < words.length; i++) {
                if (!words[i].regionMatches(true, 0, NAME_PREFIX, 0, NAME_PREFIX.length())) {
                    throw new CommandError("ERR Invalid metadata value given: " + words[i]);
                }
                if (name != null) {
                    throw TWO_NAMES;
                }
                name = words[i].substring(NAME_PREFIX.length());
            }
            if (name == null) {
                throw NO_NAME;
            }
            if (!isName(name)) {
                throw new CommandError("ERR " + BAD_NAME);
            }
            String engine = words[0].substring(2);
            if (!engine.equalsIgnoreCase(ENGINE)) {
                throw new CommandError("ERR Engine '" + engine + "' not found");
            }
            return new Header(engine, name, end);
        }
    }

    /**
     * Parses {@code code} and runs it, so that it registers its functions.
     *
     * @param header of {@code code}
     * @throws CommandError with Redis' text if it does not parse, fails or registers nothing
     */
    static FunctionLibrary load(Header header, byte[] code) throws CommandError {
        LuaFunction body;
        try {
            body = Lua.parse(LuaString.of(Arrays.copyOfRange(code, header.length, code.length)), CHUNK);
        } catch (LuaError error) {
            throw new CommandError("ERR Error compiling function: " + error.value());
        }
        SortedMap<String, Function> functions = LibraryRun.load(body);
        if (functions.isEmpty()) {
            throw NO_FUNCTIONS;
        }
        return new FunctionLibrary(header.name, code, body, functions);
    }

    /** Returns whether a library or a function may be named {@code text}. */
    static boolean isName(String text) {
        return !text.isEmpty()
                && text.chars()
                        .allMatch(letter -> letter >= 'a' && letter <= 'z'
                                || letter >= 'A' && letter <= 'Z'
                                || letter >= '0' && letter <= '9'
                                || letter == '_');
    }
}
