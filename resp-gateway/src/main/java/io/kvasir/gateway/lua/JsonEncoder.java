package io.kvasir.gateway.lua;

import org.jspecify.annotations.Nullable;

/** Writes a value as JSON (lua_cjson.c, json_append_data). Used once. */
final class JsonEncoder {

    private final Lua lua;
    private final JsonLibrary.Settings settings;
    private final ByteString out;

    JsonEncoder(Lua lua, JsonLibrary.Settings settings) {
        this.lua = lua;
        this.settings = settings;
        this.out = new ByteString(lua);
    }

    LuaString encode(@Nullable Object value) {
        append(value, 0);
        return out.toLua();
    }

    private void append(@Nullable Object value, int depth) {
        switch (value) {
            case null -> out.add("null");
            case LightUserdata _ -> out.add("null");
            case Boolean truth -> out.add(truth ? "true" : "false");
            case LuaString text -> string(text);
            case Double number -> number(number);
            case LuaTable table -> {
                lua.step();
                int below = depth + 1;
                if (below > settings.encodeDepthMax) {
                    throw new LuaError("Cannot serialise, excessive nesting (" + below + ")");
                }
                int length = arrayLength(table);
                if (length > 0) {
                    array(table, below, length);
                } else {
                    object(table, below);
                }
            }
            default -> throw failure(value, "type not supported");
        }
    }

    private static LuaError failure(Object value, String reason) {
        return new LuaError("Cannot serialise " + Texts.typeOf(value) + ": " + reason);
    }

    private void number(double number) {
        boolean invalid = Double.isNaN(number) || Double.isInfinite(number);
        if (invalid && !settings.encodeInvalid) {
            throw failure(number, "must not be NaN or Inf");
        }
        if (invalid && settings.encodeInvalidAsNull) {
            out.add("null");
        } else if (invalid) {
            out.add(Double.isNaN(number) ? "nan" : number > 0 ? "inf" : "-inf");
        } else {
            out.add(Numbers.general(number, settings.precision, false));
        }
    }

    /** Returns the largest index if all keys are indexes, 0 if there are none, -1 if the table is an object. */
    private int arrayLength(LuaTable table) {
        double max = 0;
        int items = 0;
        for (int place = table.next(null); place >= 0; ) {
            Object key = table.keyAt(place);
            if (!(key instanceof Double index) || index != Math.floor(index) || index < 1) {
                return -1;
            }
            max = Math.max(max, index);
            items++;
            place = table.next(key);
        }
        if (settings.sparseRatio > 0 && max > (double) items * settings.sparseRatio && max > settings.sparseSafe) {
            if (!settings.sparseConvert) {
                throw failure(table, "excessively sparse array");
            }
            return -1;
        }
        return (int) max;
    }

    private void array(LuaTable table, int depth, int length) {
        out.add('[');
        for (int i = 1; i <= length; i++) {
            if (i > 1) {
                out.add(',');
            }
            append(table.get(i), depth);
        }
        out.add(']');
    }

    private void object(LuaTable table, int depth) {
        out.add('{');
        boolean[] any = {false};
        table.forEach((key, value) -> {
            if (any[0]) {
                out.add(',');
            }
            any[0] = true;
            switch (key) {
                case LuaString text -> string(text);
                case Double number -> {
                    out.add('"');
                    number(number);
                    out.add('"');
                }
                default -> throw failure(key, "table key must be a number or string");
            }
            out.add(':');
            append(value, depth);
        });
        out.add('}');
    }

    private void string(LuaString text) {
        out.add('"');
        for (byte b : text.bytes) {
            switch (b) {
                case '"' -> out.add("\\\"");
                case '\\' -> out.add("\\\\");
                case '/' -> out.add("\\/");
                case '\b' -> out.add("\\b");
                case '\t' -> out.add("\\t");
                case '\n' -> out.add("\\n");
                case '\f' -> out.add("\\f");
                case '\r' -> out.add("\\r");
                default -> {
                    if (b >= 0 && b < 32 || b == 127) {
                        out.add(String.format("\\u%04x", b));
                    } else {
                        out.add(b);
                    }
                }
            }
        }
        out.add('"');
    }
}
