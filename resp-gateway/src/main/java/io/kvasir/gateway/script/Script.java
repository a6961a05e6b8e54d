package io.kvasir.gateway.script;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.lua.Lua;
import io.kvasir.gateway.lua.LuaError;
import io.kvasir.gateway.lua.LuaFunction;
import io.kvasir.gateway.lua.LuaString;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A script as EVAL takes it, parsed. Immutable; may be run by any thread.
 *
 * @param sha SHA-1 of the source in hexadecimal, its name
 * @param readOnly whether its first line forbids it to write
 */
public record Script(String sha, byte[] source, LuaFunction body, boolean readOnly) {

    static final String CHUNK = "user_script";

    /**
     * Parses {@code source}.
     *
     * @throws CommandError with Redis' text if it does not parse
     */
    public static Script parse(byte[] source) throws CommandError {
        Shebang shebang = Shebang.of(source);
        byte[] code = Arrays.copyOfRange(source, shebang.length(), source.length);
        try {
            LuaFunction body = Lua.parse(LuaString.of(code), CHUNK);
            return new Script(sha(source), source, body, shebang.readOnly());
        } catch (LuaError error) {
            throw new CommandError("ERR Error compiling script (new function): " + error.value());
        }
    }

    /** Returns the name under which EVALSHA finds a script of {@code source}. */
    public static String sha(byte[] source) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(source));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The first line of a script, {@code #!lua flags=…} (redis script.c, evalExtractShebangFlags).
     *
     * @param length bytes it takes, its newline left out, so that lines keep their numbers
     */
    private record Shebang(int length, boolean readOnly) {

        private static final String NO_WRITES = "no-writes";

        static Shebang of(byte[] source) throws CommandError {
            if (source.length < 2 || source[0] != '#' || source[1] != '!') {
                return new Shebang(0, false);
            }
            int end = 0;
            while (end < source.length && source[end] != '\n') {
                end++;
            }
            if (end == source.length) {
                throw new CommandError("ERR Invalid script shebang");
            }
            String[] words = new String(source, 2, end - 2, StandardCharsets.UTF_8)
                    .strip()
                    .split("\\s+");
            if (!words[0].equals("lua")) {
                throw new CommandError("ERR Unexpected engine in script shebang: #!" + words[0]);
            }
            boolean readOnly = false;
            for (int i = 1; i < words.length; i++) {
                if (!words[i].startsWith("flags=")) {
                    throw new CommandError("ERR Unknown lua shebang option: " + words[i]);
                }
                for (String flag : words[i].substring("flags=".length()).split(",")) {
                    readOnly |= flag.equals(NO_WRITES);
                    requireKnown(flag);
                }
            }
            return new Shebang(end, readOnly);
        }

        private static void requireKnown(String flag) throws CommandError {
            switch (flag) {
                case "", NO_WRITES, "allow-oom", "allow-stale", "no-cluster", "allow-cross-slot-keys" -> {}
                default -> throw new CommandError("ERR Unexpected flag in script shebang: " + flag);
            }
        }
    }
}
