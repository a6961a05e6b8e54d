package io.kvasir.gateway.lua;

import static io.kvasir.gateway.lua.BaseLibrary.one;
import static io.kvasir.gateway.lua.StandardLibraries.put;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code cmsgpack}: MessagePack as lua-cmsgpack 0.4.0 writes and reads it. */
final class MessagePackLibrary {

    /** Tables within tables that are written; deeper ones become nil. */
    private static final int NESTING_MAX = 16;

    private MessagePackLibrary() {}

    static LuaTable make() {
        LuaTable library = new LuaTable();
        library.put("_NAME", LuaString.of("cmsgpack"));
        library.put("_VERSION", LuaString.of("lua-cmsgpack 0.4.0"));
        library.put("_COPYRIGHT", LuaString.of("Copyright (C) 2012, Redis Ltd."));
        library.put("_DESCRIPTION", LuaString.of("MessagePack C implementation for Lua"));
        put(library, "pack", MessagePackLibrary::pack);
        put(library, "unpack", (lua, arguments) -> unpack(lua, arguments.string(1), Integer.MAX_VALUE, 0, true));
        put(
                library,
                "unpack_one",
                (lua, arguments) -> unpack(lua, arguments.string(1), 1, offset(arguments, 2), false));
        put(library, "unpack_limit", (lua, arguments) -> {
            LuaString data = arguments.string(1);
            int limit = (int) arguments.integer(2);
            if (limit < 0) {
                throw new LuaError("Invalid request to unpack with offset of 0 and limit of " + data.length() + ".");
            }
            return unpack(lua, data, limit, offset(arguments, 3), false);
        });
        return library;
    }

    private static long offset(Arguments arguments, int index) {
        return arguments.integer(index, 0);
    }

    private static @Nullable Object[] pack(Lua lua, Arguments arguments) {
        if (arguments.count() == 0) {
            throw new BadArgument(0, "MessagePack pack needs input.");
        }
        ByteString out = new ByteString(lua);
        for (int i = 1; i <= arguments.count(); i++) {
            write(lua, out, arguments.get(i), 0);
        }
        return one(out.toLua());
    }

    private static void write(Lua lua, ByteString out, @Nullable Object value, int level) {
        lua.step();
        switch (value) {
            case Boolean truth -> out.add(truth ? 0xc3 : 0xc2);
            case Double number -> number(out, number);
            case LuaString text -> {
                head(out, text.length(), 32, 0xa0, 0xd9);
                out.add(text);
            }
            case LuaTable table when level < NESTING_MAX -> table(lua, out, table, level);
            case null, default -> out.add(0xc0);
        }
    }

    private static void table(Lua lua, ByteString out, LuaTable table, int level) {
        int[] count = {0};
        boolean[] array = {true};
        double[] max = {0};
        table.forEach((key, _) -> {
            count[0]++;
            if (key instanceof Double index && index >= 1 && index == Math.floor(index)) {
                max[0] = Math.max(max[0], index);
            } else {
                array[0] = false;
            }
        });
        if (array[0] && max[0] == count[0]) {
            head(out, count[0], 16, 0x90, 0xdb);
            for (int i = 1; i <= count[0]; i++) {
                write(lua, out, table.get(i), level + 1);
            }
            return;
        }
        head(out, count[0], 16, 0x80, 0xdd);
        table.forEach((key, element) -> {
            write(lua, out, key, level + 1);
            write(lua, out, element, level + 1);
        });
    }

    /** Writes a type and a length; {@code base} is the type's mark with one byte of length, two and four follow it. */
    private static void head(ByteString out, int length, int below, int fixed, int base) {
        if (length < below) {
            out.add(fixed | length);
        } else if (length < 0x100 && below == 32) {
            out.add(base).add(length);
        } else if (length < 0x10000) {
            out.add(base + 1).add(length, 2, false);
        } else {
            out.add(base + 2).add(length, 4, false);
        }
    }

    private static void number(ByteString out, double number) {
        long whole = (long) number;
        if (whole != number || number == 0x1p63) {
            if ((float) number == number) {
                out.add(0xca).add(Float.floatToIntBits((float) number), 4, false);
            } else {
                out.add(0xcb).add(Double.doubleToLongBits(number), 8, false);
            }
        } else if (whole >= 0) {
            if (whole < 0x80) {
                out.add((int) whole);
            } else if (whole < 0x100) {
                out.add(0xcc).add((int) whole);
            } else if (whole < 0x10000) {
                out.add(0xcd).add(whole, 2, false);
            } else if (whole < 0x1_0000_0000L) {
                out.add(0xce).add(whole, 4, false);
            } else {
                out.add(0xcf).add(whole, 8, false);
            }
        } else if (whole >= -32) {
            out.add((int) whole);
        } else if (whole >= Byte.MIN_VALUE) {
            out.add(0xd0).add((int) whole);
        } else if (whole >= Short.MIN_VALUE) {
            out.add(0xd1).add(whole, 2, false);
        } else if (whole >= Integer.MIN_VALUE) {
            out.add(0xd2).add(whole, 4, false);
        } else {
            out.add(0xd3).add(whole, 8, false);
        }
    }

    private static @Nullable Object[] unpack(Lua lua, LuaString data, int limit, long offset, boolean all) {
        if (offset < 0 || limit < 0 || offset > data.length()) {
            throw new LuaError("Start offset " + offset + " greater than input length " + data.length() + ".");
        }
        Reader reader = new Reader(lua, data.bytes, (int) offset);
        List<@Nullable Object> values = new ArrayList<>();
        if (!all) {
            values.add(null);
        }
        int count = 0;
        int wanted = limit == 0 ? Integer.MAX_VALUE : limit;
        while (reader.at < data.length() && count < wanted) {
            values.add(reader.value());
            lua.allocated(16);
            count++;
        }
        if (!all) {
            values.set(0, reader.at == data.length() ? -1.0 : (double) reader.at);
        }
        return values.toArray();
    }

    /** Reads values one after another. */
    private static final class Reader {

        private static final int DEPTH_MAX = 1_000;

        private final Lua lua;
        private final byte[] data;
        private int at;
        private int depth;

        Reader(Lua lua, byte[] data, int at) {
            this.lua = lua;
            this.data = data;
            this.at = at;
        }

        private int need(long bytes) {
            if (bytes > data.length - at) {
                throw new LuaError("Missing bytes in input.");
            }
            int from = at;
            at += (int) bytes;
            return from;
        }

        private long unsigned(int size) {
            int from = need(size);
            long value = 0;
            for (int i = 0; i < size; i++) {
                value = value << 8 | data[from + i] & 0xff;
            }
            return value;
        }

        private @Nullable Object value() {
            lua.step();
            int mark = data[need(1)] & 0xff;
            if (mark < 0x80) {
                return (double) mark;
            }
            if (mark >= 0xe0) {
                return (double) (byte) mark;
            }
            if (mark < 0x90) {
                return map(mark & 0xf);
            }
            if (mark < 0xa0) {
                return array(mark & 0xf);
            }
            if (mark < 0xc0) {
                return text(mark & 0x1f);
            }
            return switch (mark) {
                case 0xc0 -> null;
                case 0xc2 -> false;
                case 0xc3 -> true;
                case 0xca -> (double) Float.intBitsToFloat((int) unsigned(4));
                case 0xcb -> Double.longBitsToDouble(unsigned(8));
                case 0xcc -> (double) unsigned(1);
                case 0xcd -> (double) unsigned(2);
                case 0xce -> (double) unsigned(4);
                case 0xd0 -> (double) (byte) unsigned(1);
                case 0xd1 -> (double) (short) unsigned(2);
                case 0xd2 -> (double) (int) unsigned(4);
                case 0xcf, 0xd3 -> (double) unsigned(8);
                case 0xd9 -> text(unsigned(1));
                case 0xda -> text(unsigned(2));
                case 0xdb -> text(unsigned(4));
                case 0xdc -> array(unsigned(2));
                case 0xdd -> array(unsigned(4));
                case 0xde -> map(unsigned(2));
                case 0xdf -> map(unsigned(4));
                default -> throw new LuaError("Bad data format in input.");
            };
        }

        private LuaString text(long length) {
            int from = need(length);
            byte[] bytes = lua.bytes(length);
            System.arraycopy(data, from, bytes, 0, bytes.length);
            return LuaString.of(bytes);
        }

        private void descend() {
            if (++depth > DEPTH_MAX) {
                throw new LuaError("Bad data format in input.");
            }
        }

        private LuaTable array(long length) {
            descend();
            LuaTable table = new LuaTable();
            for (long i = 1; i <= length; i++) {
                table.set((double) i, value());
                lua.allocated(16);
            }
            depth--;
            return table;
        }

        private LuaTable map(long length) {
            descend();
            LuaTable table = new LuaTable();
            for (long i = 0; i < length; i++) {
                Object key = value();
                Object element = value();
                if (key == null || key instanceof Double number && Double.isNaN(number)) {
                    throw new LuaError("table index is " + (key == null ? "nil" : "NaN"));
                }
                table.set(key, element);
                lua.allocated(32);
            }
            depth--;
            return table;
        }
    }
}
