package io.kvasir.gateway.lua;

import static io.kvasir.gateway.lua.BaseLibrary.one;
import static io.kvasir.gateway.lua.StandardLibraries.put;

import java.util.Locale;
import java.util.function.IntBinaryOperator;

/** Bit operations on 32-bit integers, as Lua BitOp 1.0.2 defines them. */
final class BitLibrary {

    private static final double TWO_52_AND_51 = 6_755_399_441_055_744.0;

    private BitLibrary() {}

    static LuaTable make() {
        LuaTable library = new LuaTable();
        put(library, "tobit", (_, arguments) -> one((double) bits(arguments, 1)));
        put(library, "bnot", (_, arguments) -> one((double) ~bits(arguments, 1)));
        put(library, "bswap", (_, arguments) -> one((double) Integer.reverseBytes(bits(arguments, 1))));
        putFold(library, "band", (a, b) -> a & b);
        putFold(library, "bor", (a, b) -> a | b);
        putFold(library, "bxor", (a, b) -> a ^ b);
        putShift(library, "lshift", (a, n) -> a << n);
        putShift(library, "rshift", (a, n) -> a >>> n);
        putShift(library, "arshift", (a, n) -> a >> n);
        putShift(library, "rol", Integer::rotateLeft);
        putShift(library, "ror", Integer::rotateRight);
        put(library, "tohex", (_, arguments) -> {
            int bits = bits(arguments, 1);
            int digits = arguments.get(2) == null ? 8 : bits(arguments, 2);
            boolean upper = digits < 0;
            int width = (int) Math.min(Math.abs((long) digits), 8);
            String text = String.format("%08x", bits).substring(8 - width);
            return one(LuaString.of(upper ? text.toUpperCase(Locale.ROOT) : text));
        });
        return library;
    }

    /** Returns an argument modulo 2^32, rounded to the nearest integer as adding 2^52 + 2^51 does. */
    private static int bits(Arguments arguments, int index) {
        return (int) Double.doubleToRawLongBits(arguments.number(index) + TWO_52_AND_51);
    }

    private static void putFold(LuaTable library, String name, IntBinaryOperator operator) {
        put(library, name, (_, arguments) -> {
            int result = bits(arguments, 1);
            for (int i = 2; i <= arguments.count(); i++) {
                result = operator.applyAsInt(result, bits(arguments, i));
            }
            return one((double) result);
        });
    }

    private static void putShift(LuaTable library, String name, IntBinaryOperator operator) {
        put(
                library,
                name,
                (_, arguments) -> one((double) operator.applyAsInt(bits(arguments, 1), bits(arguments, 2) & 31)));
    }
}
