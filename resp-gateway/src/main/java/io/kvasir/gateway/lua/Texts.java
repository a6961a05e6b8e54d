package io.kvasir.gateway.lua;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Values as text. */
final class Texts {

    private static final LuaString NIL = LuaString.of("nil");
    private static final LuaString TRUE = LuaString.of("true");
    private static final LuaString FALSE = LuaString.of("false");

    private Texts() {}

    /** Returns the name of the type of {@code value}. */
    static String typeOf(@Nullable Object value) {
        return switch (value) {
            case null -> "nil";
            case Boolean _ -> "boolean";
            case Double _ -> "number";
            case LuaString _ -> "string";
            case LuaTable _ -> "table";
            case LuaFunction _ -> "function";
            case Coroutine _ -> "thread";
            default -> "userdata";
        };
    }

    /** Returns {@code value} as {@code tostring} shows it, metamethods left out. */
    static LuaString plain(@Nullable Object value) {
        return switch (value) {
            case null -> NIL;
            case Boolean truth -> truth ? TRUE : FALSE;
            case Double number -> Numbers.format(number);
            case LuaString string -> string;
            case LightUserdata _ -> LuaString.of("userdata: (nil)");
            default ->
                LuaString.of(typeOf(value) + ": 0x" + String.format("%012x", System.identityHashCode(value) * 16L));
        };
    }

    static LuaString concat(LuaString a, LuaString b) {
        if (a.length() == 0) {
            return b;
        }
        if (b.length() == 0) {
            return a;
        }
        byte[] both = Arrays.copyOf(a.bytes, a.length() + b.length());
        System.arraycopy(b.bytes, 0, both, a.length(), b.length());
        return LuaString.of(both);
    }
}
