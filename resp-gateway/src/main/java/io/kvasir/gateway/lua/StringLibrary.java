package io.kvasir.gateway.lua;

import static io.kvasir.gateway.lua.BaseLibrary.one;
import static io.kvasir.gateway.lua.LuaFunction.NO_VALUES;
import static io.kvasir.gateway.lua.StandardLibraries.put;

import org.jspecify.annotations.Nullable;

/** The string functions (lua 5.1 lstrlib.c), but for {@code format}. */
final class StringLibrary {

    private StringLibrary() {}

    static LuaTable make() {
        LuaTable library = new LuaTable();
        put(library, "byte", StringLibrary::bytes);
        put(library, "char", StringLibrary::fromBytes);
        put(library, "dump", (_, arguments) -> {
            arguments.function(1);
            throw new LuaError("unable to dump given function");
        });
        put(library, "find", (run, arguments) -> find(run, arguments, true));
        put(library, "format", StringFormat::format);
        put(library, "gfind", (_, _) -> {
            throw new LuaError("'string.gfind' was renamed to 'string.gmatch'");
        });
        put(library, "gmatch", StringLibrary::matches);
        put(library, "gsub", StringLibrary::substitute);
        put(library, "len", (_, arguments) -> one((double) arguments.string(1).length()));
        put(library, "lower", (run, arguments) -> one(mapped(run, arguments.string(1), 'A', 'Z')));
        put(library, "match", (run, arguments) -> find(run, arguments, false));
        put(library, "rep", StringLibrary::repeat);
        put(library, "reverse", StringLibrary::reverse);
        put(library, "sub", StringLibrary::part);
        put(library, "upper", (run, arguments) -> one(mapped(run, arguments.string(1), 'a', 'z')));
        return library;
    }

    /** Returns a position from the start, 1 or above unless it lies before the string. */
    private static long position(long at, int length) {
        return at >= 0 ? at : Math.max(0, length + at + 1);
    }

    private static @Nullable Object[] bytes(Lua lua, Arguments arguments) {
        LuaString text = arguments.string(1);
        long first = position(arguments.integer(2, 1), text.length());
        long last = Math.min(position(arguments.integer(3, first), text.length()), text.length());
        first = Math.max(first, 1);
        if (first > last) {
            return NO_VALUES;
        }
        @Nullable Object[] values = new Object[(int) (last - first + 1)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (double) (text.bytes[(int) first - 1 + i] & 0xff);
        }
        return values;
    }

    private static @Nullable Object[] fromBytes(Lua lua, Arguments arguments) {
        byte[] bytes = lua.bytes(arguments.count());
        for (int i = 1; i <= bytes.length; i++) {
            long value = arguments.integer(i);
            if (value < 0 || value > 255) {
                throw new BadArgument(i, "invalid value");
            }
            bytes[i - 1] = (byte) value;
        }
        return one(LuaString.of(bytes));
    }

    private static LuaString mapped(Lua lua, LuaString text, char from, char to) {
        byte[] bytes = lua.bytes(text.length());
        for (int i = 0; i < bytes.length; i++) {
            byte b = text.bytes[i];
            bytes[i] = (byte) (b >= from && b <= to ? b ^ 0x20 : b);
        }
        return LuaString.of(bytes);
    }

    private static @Nullable Object[] repeat(Lua lua, Arguments arguments) {
        LuaString text = arguments.string(1);
        long count = Math.max(0, arguments.integer(2));
        if (text.length() == 0) {
            return one(text);
        }
        if (count > Integer.MAX_VALUE) {
            throw new LuaError("not enough memory");
        }
        byte[] bytes = lua.bytes(text.length() * count);
        for (int at = 0; at < bytes.length; at += text.length()) {
            System.arraycopy(text.bytes, 0, bytes, at, text.length());
        }
        return one(LuaString.of(bytes));
    }

    private static @Nullable Object[] reverse(Lua lua, Arguments arguments) {
        LuaString text = arguments.string(1);
        byte[] bytes = lua.bytes(text.length());
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = text.bytes[bytes.length - 1 - i];
        }
        return one(LuaString.of(bytes));
    }

    private static @Nullable Object[] part(Lua lua, Arguments arguments) {
        LuaString text = arguments.string(1);
        long from = Math.max(1, position(arguments.integer(2), text.length()));
        long to = Math.min(text.length(), position(arguments.integer(3, -1), text.length()));
        if (from > to) {
            return one(LuaString.EMPTY);
        }
        lua.allocated(to - from);
        return one(text.slice((int) from - 1, (int) to));
    }

    private static @Nullable Object[] find(Lua lua, Arguments arguments, boolean positions) {
        LuaString text = arguments.string(1);
        LuaString pattern = arguments.string(2);
        long start = position(arguments.integer(3, 1), text.length()) - 1;
        int from = Math.clamp(start, 0, text.length());
        if (positions && (Operators.isTrue(arguments.get(4)) || !hasSpecials(pattern))) {
            int at = indexOf(text.bytes, pattern.bytes, from);
            return at < 0 ? one(null) : new Object[] {at + 1.0, (double) (at + pattern.length())};
        }
        boolean anchored = pattern.length() > 0 && pattern.bytes[0] == '^';
        Pattern match = new Pattern(lua, text, pattern);
        int at = from;
        do {
            lua.step();
            int end = match.match(at, anchored ? 1 : 0);
            if (end >= 0) {
                @Nullable Object[] captures = match.captures(at, end, !positions);
                if (!positions) {
                    return captures;
                }
                @Nullable Object[] all = new Object[captures.length + 2];
                all[0] = at + 1.0;
                all[1] = (double) end;
                System.arraycopy(captures, 0, all, 2, captures.length);
                return all;
            }
        } while (++at <= text.length() && !anchored);
        return one(null);
    }

    private static boolean hasSpecials(LuaString pattern) {
        for (byte b : pattern.bytes) {
            if ("^$*+?.([%-".indexOf(b) >= 0) {
                return true;
            }
        }
        return false;
    }

    private static int indexOf(byte[] text, byte[] wanted, int from) {
        for (int at = from; at <= text.length - wanted.length; at++) {
            int i = 0;
            while (i < wanted.length && text[at + i] == wanted[i]) {
                i++;
            }
            if (i == wanted.length) {
                return at;
            }
        }
        return -1;
    }

    private static @Nullable Object[] matches(Lua lua, Arguments arguments) {
        LuaString text = arguments.string(1);
        LuaString pattern = arguments.string(2);
        int[] next = {0};
        return one(new LuaFunction.Library((run, _) -> {
            Pattern match = new Pattern(run, text, pattern);
            for (int at = next[0]; at <= text.length(); at++) {
                run.step();
                int end = match.match(at, 0);
                if (end >= 0) {
                    next[0] = end == at ? end + 1 : end;
                    return match.captures(at, end, true);
                }
            }
            next[0] = text.length() + 1;
            return one(null);
        }));
    }

    private static @Nullable Object[] substitute(Lua lua, Arguments arguments) {
        LuaString text = arguments.string(1);
        LuaString pattern = arguments.string(2);
        Object replacement = arguments.get(3);
        if (!(replacement instanceof LuaString
                || replacement instanceof Double
                || replacement instanceof LuaTable
                || replacement instanceof LuaFunction)) {
            throw new BadArgument(3, "string/function/table expected");
        }
        long most = arguments.integer(4, text.length() + 1);
        boolean anchored = pattern.length() > 0 && pattern.bytes[0] == '^';
        Pattern match = new Pattern(lua, text, pattern);
        ByteString out = new ByteString(lua);
        int at = 0;
        long count = 0;
        while (count < most) {
            lua.step();
            int end = match.match(at, anchored ? 1 : 0);
            if (end >= 0) {
                count++;
                addReplacement(lua, out, match, replacement, text, at, end);
            }
            if (end > at) {
                at = end;
            } else if (at < text.length()) {
                out.add(text.bytes[at++]);
            } else {
                break;
            }
            if (anchored) {
                break;
            }
        }
        if (at < text.length()) {
            out.add(text.bytes, at, text.length());
        }
        return new Object[] {out.toLua(), (double) count};
    }

    private static void addReplacement(
            Lua lua, ByteString out, Pattern match, Object replacement, LuaString text, int from, int to) {
        Object value =
                switch (replacement) {
                    case LuaTable table -> Operators.index(lua, table, match.capture(0, from, to), "");
                    case LuaFunction function -> Operators.first(lua.call(function, match.captures(from, to, true)));
                    default -> {
                        addTemplate(out, match, Texts.plain(replacement), from, to);
                        yield LuaString.EMPTY;
                    }
                };
        if (!Operators.isTrue(value)) {
            out.add(text.bytes, from, to);
        } else if (value instanceof LuaString || value instanceof Double) {
            out.add(Texts.plain(value));
        } else {
            throw new LuaError("invalid replacement value (a " + Texts.typeOf(value) + ")");
        }
    }

    private static void addTemplate(ByteString out, Pattern match, LuaString template, int from, int to) {
        byte[] bytes = template.bytes;
        int i = 0;
        while (i < bytes.length) {
            if (bytes[i] != '%') {
                out.add(bytes[i++]);
                continue;
            }
            int c = i + 1 < bytes.length ? bytes[i + 1] : 0;
            i += 2;
            if (c < '0' || c > '9') {
                out.add(c);
            } else if (c == '0') {
                out.add(match.slice(from, to));
            } else {
                out.add(Texts.plain(match.capture(c - '1', from, to)));
            }
        }
    }
}
