package io.kvasir.gateway.lua;

import static io.kvasir.gateway.lua.LuaFunction.NO_VALUES;
import static io.kvasir.gateway.lua.StandardLibraries.put;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The basic functions (lua 5.1 lbaselib.c), less those that reach files, the screen or environments. */
final class BaseLibrary {

    /** Values that one {@code unpack} may return (LUAI_MAXCSTACK). */
    private static final int UNPACKED_MAX = 7_997;

    private static final int CHUNK_NAME_MAX = 80;

    private BaseLibrary() {}

    static void addTo(LuaTable globals) {
        globals.put("_VERSION", LuaString.of("Lua 5.1"));
        put(globals, "assert", BaseLibrary::assertTrue);
        put(globals, "collectgarbage", BaseLibrary::collectGarbage);
        put(globals, "gcinfo", (_, _) -> one(0.0));
        put(globals, "error", BaseLibrary::error);
        put(globals, "getmetatable", BaseLibrary::getMetatable);
        put(globals, "setmetatable", BaseLibrary::setMetatable);
        put(globals, "load", BaseLibrary::load);
        put(globals, "loadstring", (_, arguments) -> {
            LuaString source = arguments.string(1);
            return compile(source, arguments.string(2, source));
        });
        LuaFunction next = new LuaFunction.Library(BaseLibrary::next);
        globals.put("next", next);
        put(globals, "pairs", (_, arguments) -> new Object[] {next, arguments.table(1), null});
        LuaFunction step = new LuaFunction.Library(BaseLibrary::nextIndex);
        put(globals, "ipairs", (_, arguments) -> new Object[] {step, arguments.table(1), 0.0});
        put(globals, "pcall", BaseLibrary::protectedCall);
        put(globals, "xpcall", BaseLibrary::handledCall);
        put(globals, "rawequal", (_, arguments) -> one(Operators.rawEqual(arguments.any(1), arguments.any(2))));
        put(globals, "rawget", (_, arguments) -> one(arguments.table(1).get(arguments.any(2))));
        put(globals, "rawset", (lua, arguments) -> {
            LuaTable table = arguments.table(1);
            Operators.rawSet(lua, table, arguments.any(2), arguments.any(3));
            return one(table);
        });
        put(globals, "select", BaseLibrary::select);
        put(globals, "tonumber", BaseLibrary::toNumber);
        put(globals, "tostring", (lua, arguments) -> one(text(lua, arguments.any(1))));
        put(globals, "type", (_, arguments) -> one(LuaString.of(Texts.typeOf(arguments.any(1)))));
        put(globals, "unpack", BaseLibrary::unpack);
    }

    static @Nullable Object[] one(@Nullable Object value) {
        return new Object[] {value};
    }

    static Object text(Lua lua, @Nullable Object value) {
        Object handler = Operators.metamethod(lua, value, "__tostring");
        if (handler != null) {
            Object shown = Operators.first(lua.call(handler, value));
            return shown == null ? LuaString.of("nil") : shown;
        }
        return Texts.plain(value);
    }

    private static @Nullable Object[] assertTrue(Lua lua, Arguments arguments) {
        if (Operators.isTrue(arguments.any(1))) {
            return arguments.all();
        }
        throw new LuaError(arguments.string(2, LuaString.of("assertion failed!")));
    }

    private static @Nullable Object[] collectGarbage(Lua lua, Arguments arguments) {
        String what = arguments.string(1, LuaString.of("collect")).toString();
        return switch (what) {
            case "stop", "restart", "collect", "count", "step", "setpause", "setstepmul" -> one(0.0);
            default -> throw new BadArgument(1, "invalid option '" + what + "'");
        };
    }

    private static @Nullable Object[] error(Lua lua, Arguments arguments) {
        boolean direct = lua.takeDirect();
        Object value = arguments.get(1);
        long level = arguments.integer(2, 1);
        if (value instanceof Double number) {
            value = Numbers.format(number);
        }
        if (value instanceof LuaString message && level > 0) {
            Where where = lua.where((int) Math.min(level, Lua.CALLS_MAX), direct);
            value = where == null ? message : Texts.concat(LuaString.of(where.prefix()), message);
        }
        throw LuaError.ofValue(value);
    }

    private static @Nullable Object[] getMetatable(Lua lua, Arguments arguments) {
        LuaTable metatable = lua.metatable(arguments.any(1));
        if (metatable == null) {
            return one(null);
        }
        Object shown = metatable.get("__metatable");
        return one(shown == null ? metatable : shown);
    }

    private static @Nullable Object[] setMetatable(Lua lua, Arguments arguments) {
        LuaTable table = arguments.table(1);
        Object metatable = arguments.get(2);
        if (arguments.count() < 2 || metatable != null && !(metatable instanceof LuaTable)) {
            throw new BadArgument(2, "nil or table expected");
        }
        if (table.metatable != null && table.metatable.get("__metatable") != null) {
            throw new LuaError("cannot change a protected metatable");
        }
        if (table.isReadOnly()) {
            throw LuaError.ofOperator("Attempt to modify a readonly table");
        }
        table.metatable = (LuaTable) metatable;
        return one(table);
    }

    private static @Nullable Object[] load(Lua lua, Arguments arguments) {
        LuaFunction reader = arguments.function(1);
        LuaString source = LuaString.EMPTY;
        while (true) {
            Object piece = Operators.first(lua.call(reader));
            if (piece == null || piece instanceof LuaString end && end.length() == 0) {
                return compile(source, arguments.string(2, LuaString.of("=(load)")));
            }
            if (!(piece instanceof LuaString || piece instanceof Double)) {
                return new Object[] {null, LuaString.of("reader function must return a string")};
            }
            lua.allocated(source.length());
            source = Texts.concat(source, Texts.plain(piece));
        }
    }

    private static @Nullable Object[] compile(LuaString source, LuaString name) {
        try {
            return one(Lua.parse(source, chunkName(name.toString())));
        } catch (LuaError error) {
            return new Object[] {null, error.value()};
        }
    }

    /** Returns how messages name a chunk (luaO_chunkid). */
    private static String chunkName(String name) {
        if (name.startsWith("=") || name.startsWith("@")) {
            return name.substring(1, Math.min(name.length(), CHUNK_NAME_MAX));
        }
        int newline = name.indexOf('\n');
        String first = newline < 0 ? name : name.substring(0, newline);
        int room = CHUNK_NAME_MAX - " [string \"...\"] ".length() - 1;
        boolean cut = newline >= 0 || first.length() > room;
        return "[string \"" + first.substring(0, Math.min(first.length(), room)) + (cut ? "..." : "") + "\"]";
    }

    private static @Nullable Object[] next(Lua lua, Arguments arguments) {
        LuaTable table = arguments.table(1);
        int place = table.next(arguments.get(2));
        return place < 0 ? one(null) : new Object[] {table.keyAt(place), table.valueAt(place)};
    }

    private static @Nullable Object[] nextIndex(Lua lua, Arguments arguments) {
        LuaTable table = arguments.table(1);
        int index = (int) arguments.integer(2) + 1;
        Object value = table.get(index);
        return value == null ? one(null) : new Object[] {(double) index, value};
    }

    /** Calls; an error that is a table of Redis is seen as its text. */
    private static @Nullable Object[] protectedCall(Lua lua, Arguments arguments) {
        Object function = arguments.any(1);
        try {
            return succeeded(lua.call(function, arguments.from(2)));
        } catch (LuaError error) {
            error.leaveUnlocated();
            Object value = error.value();
            if (value instanceof LuaTable table && table.get("err") instanceof LuaString text) {
                value = text;
            }
            return new Object[] {false, value};
        } catch (StackOverflowError deep) {
            return new Object[] {false, LuaString.of("stack overflow")};
        }
    }

    private static @Nullable Object[] handledCall(Lua lua, Arguments arguments) {
        Object function = arguments.any(1);
        Object handler = arguments.any(2);
        Object value;
        try {
            return succeeded(lua.call(function));
        } catch (LuaError error) {
            error.leaveUnlocated();
            value = error.value();
        } catch (StackOverflowError deep) {
            value = LuaString.of("stack overflow");
        }
        try {
            return new Object[] {false, Operators.first(lua.call(handler, value))};
        } catch (LuaError again) {
            return new Object[] {false, LuaString.of("error in error handling")};
        }
    }

    private static @Nullable Object[] succeeded(@Nullable Object[] values) {
        @Nullable Object[] all = new Object[values.length + 1];
        all[0] = true;
        System.arraycopy(values, 0, all, 1, values.length);
        return all;
    }

    private static @Nullable Object[] select(Lua lua, Arguments arguments) {
        if (arguments.get(1) instanceof LuaString sign && sign.toString().startsWith("#")) {
            return one((double) (arguments.count() - 1));
        }
        long index = arguments.integer(1);
        int rest = arguments.count() - 1;
        if (index < 0) {
            index = rest + index + 1;
        }
        if (index < 1) {
            throw new BadArgument(1, "index out of range");
        }
        return index > rest ? NO_VALUES : arguments.from((int) index + 1);
    }

    private static @Nullable Object[] toNumber(Lua lua, Arguments arguments) {
        long base = arguments.integer(2, 10);
        if (base == 10) {
            return one(Operators.number(arguments.any(1)));
        }
        LuaString text = arguments.string(1);
        if (base < 2 || base > 36) {
            throw new BadArgument(2, "base out of range");
        }
        return one(wholeNumber(text.toString().strip(), (int) base));
    }

    private static @Nullable Double wholeNumber(String text, int base) {
        boolean minus = text.startsWith("-");
        String digits = minus || text.startsWith("+") ? text.substring(1) : text;
        if (base == 16 && (digits.startsWith("0x") || digits.startsWith("0X"))) {
            digits = digits.substring(2);
        }
        if (digits.isEmpty()) {
            return null;
        }
        double value = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            int digit = c < 128 ? Character.digit(c, base) : -1;
            if (digit < 0) {
                return null;
            }
            value = value * base + digit;
        }
        // As strtoul, which takes a sign and wraps around.
        return minus ? 0x1p64 - value : value;
    }

    private static @Nullable Object[] unpack(Lua lua, Arguments arguments) {
        LuaTable table = arguments.table(1);
        long from = arguments.integer(2, 1);
        long to = arguments.get(3) == null ? table.length() : arguments.integer(3);
        if (from > to) {
            return NO_VALUES;
        }
        long count = to - from + 1;
        if (count <= 0 || count > UNPACKED_MAX) {
            throw new LuaError("too many results to unpack");
        }
        @Nullable Object[] values = new Object[(int) count];
        Arrays.setAll(values, i -> table.get((Object) (double) (from + i)));
        return values;
    }
}
