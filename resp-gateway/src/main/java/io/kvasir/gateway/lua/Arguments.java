package io.kvasir.gateway.lua;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The arguments of a library function, numbered from 1, with Lua's checks and error texts (lua 5.1 lauxlib.c). */
public final class Arguments {

    private final @Nullable Object[] values;

    Arguments(@Nullable Object[] values) {
        this.values = values;
    }

    public int count() {
        return values.length;
    }

    /** Returns an argument, nil if there are fewer. */
    public @Nullable Object get(int index) {
        return index <= values.length ? values[index - 1] : null;
    }

    @Nullable
    Object[] from(int index) {
        return index > values.length ? LuaFunction.NO_VALUES : Arrays.copyOfRange(values, index - 1, values.length);
    }

    @Nullable
    Object[] all() {
        return values;
    }

    /** Returns an argument that must be there, nil or not. */
    @Nullable
    Object any(int index) {
        if (index > values.length) {
            throw new BadArgument(index, "value expected");
        }
        return values[index - 1];
    }

    double number(int index) {
        Object value = get(index);
        if (value instanceof Double number) {
            return number;
        }
        Double number = value instanceof LuaString text ? Numbers.parse(text) : null;
        if (number == null) {
            throw wrongType(index, "number");
        }
        return number;
    }

    double number(int index, double otherwise) {
        return get(index) == null ? otherwise : number(index);
    }

    /** Returns a number cut to an integer, as C casts it on a 64-bit machine. */
    public long integer(int index) {
        return (long) number(index);
    }

    long integer(int index, long otherwise) {
        return get(index) == null ? otherwise : integer(index);
    }

    /** Returns a string or a number as a string. */
    public LuaString string(int index) {
        Object value = get(index);
        if (value instanceof LuaString string) {
            return string;
        }
        if (value instanceof Double number) {
            return Numbers.format(number);
        }
        throw wrongType(index, "string");
    }

    LuaString string(int index, LuaString otherwise) {
        return get(index) == null ? otherwise : string(index);
    }

    LuaTable table(int index) {
        if (get(index) instanceof LuaTable table) {
            return table;
        }
        throw wrongType(index, "table");
    }

    LuaFunction function(int index) {
        if (get(index) instanceof LuaFunction function) {
            return function;
        }
        throw wrongType(index, "function");
    }

    BadArgument wrongType(int index, String expected) {
        String got = index > values.length ? "no value" : Texts.typeOf(values[index - 1]);
        return new BadArgument(index, expected + " expected, got " + got);
    }
}
