package io.kvasir.gateway.lua;

import static io.kvasir.gateway.lua.BaseLibrary.one;
import static io.kvasir.gateway.lua.StandardLibraries.put;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code struct}: binary records by a format, with the sizes of a 64-bit machine (lua struct 0.2). */
final class StructLibrary {

    private static final int INTEGER_BYTES_MAX = 32;
    private static final int LONG_BYTES = 8;

    private StructLibrary() {}

    static LuaTable make() {
        LuaTable library = new LuaTable();
        put(library, "pack", StructLibrary::pack);
        put(library, "unpack", StructLibrary::unpack);
        put(library, "size", StructLibrary::size);
        return library;
    }

    /** Walks a format, one option after another. */
    private static final class Format {

        private final byte[] text;
        private int at;
        private boolean little = true;
        private int align = 1;
        private char option;
        private int size;

        Format(LuaString format) {
            this.text = format.bytes;
        }

        /** Goes on to the next option with its size; false at the end. */
        boolean next() {
            while (at < text.length) {
                option = (char) (text[at++] & 0xff);
                size = sizeOf();
                switch (option) {
                    case ' ' -> {}
                    case '<' -> little = true;
                    case '>' -> little = false;
                    case '!' -> {
                        int bytes = number(LONG_BYTES);
                        if (bytes == 0 || (bytes & (bytes - 1)) != 0) {
                            throw new LuaError("alignment " + bytes + " is not a power of 2");
                        }
                        align = bytes;
                    }
                    default -> {
                        return true;
                    }
                }
            }
            return false;
        }

        private int sizeOf() {
            return switch (option) {
                case 'b', 'B', 'x' -> 1;
                case 'h', 'H' -> 2;
                case 'l', 'L', 'T', 'd' -> LONG_BYTES;
                case 'f' -> 4;
                case 'c' -> number(1);
                case 'i', 'I' -> {
                    int bytes = number(4);
                    if (bytes > INTEGER_BYTES_MAX) {
                        throw new LuaError("integral size " + bytes + " is larger than limit of " + INTEGER_BYTES_MAX);
                    }
                    yield bytes;
                }
                default -> 0;
            };
        }

        private int number(int otherwise) {
            if (at >= text.length || text[at] < '0' || text[at] > '9') {
                return otherwise;
            }
            long value = 0;
            while (at < text.length && text[at] >= '0' && text[at] <= '9') {
                value = value * 10 + text[at++] - '0';
                if (value > Integer.MAX_VALUE) {
                    throw new LuaError("integral size overflow");
                }
            }
            return (int) value;
        }

        /** Returns how many bytes of padding come before the option, given what lies before it. */
        int padding(long before) {
            if (size == 0 || option == 'c') {
                return 0;
            }
            int to = Math.min(size, align);
            return to <= 1 ? 0 : (int) ((to - (before & (to - 1))) & (to - 1));
        }

        BadArgument invalid() {
            return new BadArgument(1, "invalid format option '" + option + "'");
        }
    }

    private static @Nullable Object[] pack(Lua lua, Arguments arguments) {
        Format format = new Format(arguments.string(1));
        ByteString out = new ByteString(lua);
        int argument = 2;
        while (format.next()) {
            out.add(0, format.padding(out.length()), true);
            switch (format.option) {
                case 'b', 'B', 'h', 'H', 'l', 'L', 'T', 'i', 'I' ->
                    integer(out, integerOf(number(arguments, argument++)), format);
                case 'x' -> out.add(0);
                case 'f' -> out.add(Float.floatToRawIntBits((float) number(arguments, argument++)), 4, format.little);
                case 'd' ->
                    out.add(Double.doubleToRawLongBits(number(arguments, argument++)), LONG_BYTES, format.little);
                case 'c', 's' -> {
                    LuaString text = arguments.string(argument);
                    int length = format.size == 0 ? text.length() : format.size;
                    argument++;
                    if (length > text.length()) {
                        throw new BadArgument(argument, "string too short");
                    }
                    out.add(text.bytes, 0, length);
                    if (format.option == 's') {
                        out.add(0);
                    }
                }
                default -> throw format.invalid();
            }
            lua.step();
        }
        return one(out.toLua());
    }

    private static double number(Arguments arguments, int argument) {
        if (argument > arguments.count()) {
            throw new BadArgument(argument, "number expected, got nil");
        }
        return arguments.number(argument);
    }

    private static long integerOf(double number) {
        return number < 0 ? (long) number : unsignedOf(number);
    }

    /** Returns {@code number} as x86-64 converts it: what has no room in 64 bits is 0. */
    static long unsignedOf(double number) {
        if (number < 0x1p63) {
            return (long) number;
        }
        return number < 0x1p64 ? (long) (number - 0x1p63) + Long.MIN_VALUE : 0;
    }

    private static void integer(ByteString out, long value, Format format) {
        int low = Math.min(format.size, LONG_BYTES);
        int extra = format.size - low;
        if (!format.little) {
            out.add(0, extra, false);
        }
        out.add(value, low, format.little);
        if (format.little) {
            out.add(0, extra, true);
        }
    }

    private static @Nullable Object[] unpack(Lua lua, Arguments arguments) {
        Format format = new Format(arguments.string(1));
        LuaString data = arguments.string(2);
        long start = arguments.integer(3, 1) - 1;
        if (start < 0) {
            throw new BadArgument(3, "offset must be 1 or greater");
        }
        long at = start;
        List<@Nullable Object> values = new ArrayList<>();
        while (format.next()) {
            at += format.padding(at);
            if (at > data.length() || format.size > data.length() - at) {
                throw new BadArgument(2, "data string too short");
            }
            int from = (int) at;
            int size = format.size;
            switch (format.option) {
                case 'b', 'B', 'h', 'H', 'l', 'L', 'T', 'i', 'I' -> {
                    boolean signed = Character.isLowerCase(format.option);
                    values.add(integerAt(data.bytes, from, size, format.little, signed));
                }
                case 'x' -> {}
                case 'f' -> values.add((double) Float.intBitsToFloat((int) bitsAt(data.bytes, from, 4, format.little)));
                case 'd' -> values.add(Double.longBitsToDouble(bitsAt(data.bytes, from, LONG_BYTES, format.little)));
                case 'c' -> {
                    if (size == 0) {
                        if (values.isEmpty() || !(values.getLast() instanceof Double last)) {
                            throw new LuaError("format 'c0' needs a previous size");
                        }
                        values.removeLast();
                        size = (int) (double) last;
                        if (last < 0 || last > data.length() - at) {
                            throw new BadArgument(2, "data string too short");
                        }
                    }
                    values.add(data.slice(from, from + size));
                }
                case 's' -> {
                    int end = from;
                    while (end < data.length() && data.bytes[end] != 0) {
                        end++;
                    }
                    if (end == data.length()) {
                        throw new LuaError("unfinished string in data");
                    }
                    values.add(data.slice(from, end));
                    size = end - from + 1;
                }
                default -> throw format.invalid();
            }
            at += size;
            lua.step();
        }
        values.add((double) (at + 1));
        return values.toArray();
    }

    private static long bitsAt(byte[] data, int from, int size, boolean little) {
        long bits = 0;
        for (int i = 0; i < size; i++) {
            int b = data[little ? from + size - 1 - i : from + i] & 0xff;
            bits = bits << 8 | b;
        }
        return bits;
    }

    private static double integerAt(byte[] data, int from, int size, boolean little, boolean signed) {
        long bits = bitsAt(data, from, size, little);
        if (size >= LONG_BYTES) {
            return signed || bits >= 0 ? bits : (bits >>> 1 | bits & 1) * 2.0;
        }
        int unused = 64 - size * 8;
        return signed ? bits << unused >> unused : bits;
    }

    private static @Nullable Object[] size(Lua lua, Arguments arguments) {
        Format format = new Format(arguments.string(1));
        long total = 0;
        while (format.next()) {
            total += format.padding(total);
            if (format.option == 's') {
                throw new BadArgument(1, "option 's' has no fixed size");
            }
            if (format.option == 'c' && format.size == 0) {
                throw new BadArgument(1, "option 'c0' has no fixed size");
            }
            // A letter or digit that is no option has no size and is no error here.
            if (format.option >= 0x80 || !Character.isLetterOrDigit(format.option)) {
                throw format.invalid();
            }
            total += format.size;
        }
        return one((double) total);
    }
}
