package io.kvasir.gateway.lua;

import org.jspecify.annotations.Nullable;

/** What operators mean, with coercions, metamethods and error texts (lua 5.1 lvm.c, ldebug.c). */
final class Operators {

    /** Metamethods that index one another, at most; beyond it is a loop. */
    private static final int META_LOOP_MAX = 100;

    enum Arithmetic {
        ADD("__add"),
        SUBTRACT("__sub"),
        MULTIPLY("__mul"),
        DIVIDE("__div"),
        MODULO("__mod"),
        POWER("__pow");

        private final String event;

        Arithmetic(String event) {
            this.event = event;
        }

        double apply(double a, double b) {
            return switch (this) {
                case ADD -> a + b;
                case SUBTRACT -> a - b;
                case MULTIPLY -> a * b;
                case DIVIDE -> a / b;
                case MODULO -> a - Math.floor(a / b) * b;
                case POWER -> Math.pow(a, b);
            };
        }
    }

    enum Comparison {
        EQUAL,
        NOT_EQUAL,
        LESS,
        LESS_OR_EQUAL,
        GREATER,
        GREATER_OR_EQUAL;

        boolean holds(Lua lua, @Nullable Object a, @Nullable Object b) {
            return switch (this) {
                case EQUAL -> equal(lua, a, b);
                case NOT_EQUAL -> !equal(lua, a, b);
                case LESS -> less(lua, a, b);
                case LESS_OR_EQUAL -> lessOrEqual(lua, a, b);
                case GREATER -> less(lua, b, a);
                case GREATER_OR_EQUAL -> lessOrEqual(lua, b, a);
            };
        }
    }

    private Operators() {}

    static boolean isTrue(@Nullable Object value) {
        return value != null && value != Boolean.FALSE && !Boolean.FALSE.equals(value);
    }

    /** Returns {@code value} as a number if it is one or a string of one, else null. */
    static @Nullable Double number(@Nullable Object value) {
        return switch (value) {
            case Double number -> number;
            case LuaString text -> Numbers.parse(text);
            case null, default -> null;
        };
    }

    static String nameAndType(String named, @Nullable Object value) {
        return named.isEmpty()
                ? "a " + Texts.typeOf(value) + " value"
                : named + "(a " + Texts.typeOf(value) + " value)";
    }

    static @Nullable Object metamethod(Lua lua, @Nullable Object value, String event) {
        LuaTable metatable = lua.metatable(value);
        return metatable == null ? null : metatable.get(event);
    }

    static @Nullable Object index(Lua lua, @Nullable Object object, @Nullable Object key, String named) {
        Object at = object;
        for (int i = 0; i < META_LOOP_MAX; i++) {
            Object handler;
            if (at instanceof LuaTable table) {
                Object value = table.get(key);
                if (value != null) {
                    return value;
                }
                handler = table.metatable == null ? null : table.metatable.get("__index");
                if (handler == null) {
                    return null;
                }
            } else {
                handler = metamethod(lua, at, "__index");
                if (handler == null) {
                    throw LuaError.ofOperator("attempt to index " + nameAndType(i == 0 ? named : "", at));
                }
            }
            if (handler instanceof LuaFunction function) {
                return first(lua.call(function, at, key));
            }
            at = handler;
        }
        throw LuaError.ofOperator("loop in gettable");
    }

    static void store(Lua lua, @Nullable Object object, @Nullable Object key, @Nullable Object value, String named) {
        Object at = object;
        for (int i = 0; i < META_LOOP_MAX; i++) {
            Object handler;
            if (at instanceof LuaTable table) {
                handler = table.metatable == null || table.get(key) != null ? null : table.metatable.get("__newindex");
                if (handler == null) {
                    rawSet(lua, table, key, value);
                    return;
                }
            } else {
                handler = metamethod(lua, at, "__newindex");
                if (handler == null) {
                    throw LuaError.ofOperator("attempt to index " + nameAndType(i == 0 ? named : "", at));
                }
            }
            if (handler instanceof LuaFunction function) {
                lua.call(function, at, key, value);
                return;
            }
            at = handler;
        }
        throw LuaError.ofOperator("loop in settable");
    }

    static void rawSet(Lua lua, LuaTable table, @Nullable Object key, @Nullable Object value) {
        if (table.isReadOnly()) {
            throw LuaError.ofOperator("Attempt to modify a readonly table");
        }
        if (key == null) {
            throw LuaError.ofOperator("table index is nil");
        }
        if (key instanceof Double number && Double.isNaN(number)) {
            throw LuaError.ofOperator("table index is NaN");
        }
        table.set(key, value);
        lua.allocated(16);
    }

    static @Nullable Object arithmetic(
            Lua lua, Arithmetic operator, @Nullable Object a, @Nullable Object b, String leftNamed, String rightNamed) {
        Double x = number(a);
        Double y = number(b);
        if (x != null && y != null) {
            return operator.apply(x, y);
        }
        Object handler = metamethod(lua, a, operator.event);
        if (handler == null) {
            handler = metamethod(lua, b, operator.event);
        }
        if (handler == null) {
            throw LuaError.ofOperator("attempt to perform arithmetic on "
                    + (x == null ? nameAndType(leftNamed, a) : nameAndType(rightNamed, b)));
        }
        return first(lua.call(handler, a, b));
    }

    static @Nullable Object negate(Lua lua, @Nullable Object a, String named) {
        Double x = number(a);
        if (x != null) {
            return -x;
        }
        Object handler = metamethod(lua, a, "__unm");
        if (handler == null) {
            throw LuaError.ofOperator("attempt to perform arithmetic on " + nameAndType(named, a));
        }
        return first(lua.call(handler, a, a));
    }

    static @Nullable Object concat(Lua lua, @Nullable Object[] values, Expression[] parts) {
        int last = values.length - 1;
        Object right = values[last];
        while (last > 0) {
            int first = last;
            long length = 0;
            if (isText(right)) {
                length = text(right).length();
                while (first > 0 && isText(values[first - 1])) {
                    first--;
                    length += text(values[first]).length();
                }
            }
            if (first == last) {
                Object left = values[last - 1];
                Object handler = metamethod(lua, left, "__concat");
                handler = handler == null ? metamethod(lua, right, "__concat") : handler;
                if (handler == null) {
                    int wrong = isText(left) ? last : last - 1;
                    throw LuaError.ofOperator(
                            "attempt to concatenate " + nameAndType(parts[wrong].named(), isText(left) ? right : left));
                }
                right = first(lua.call(handler, left, right));
                last--;
            } else {
                byte[] joined = lua.bytes(length);
                int at = 0;
                for (int i = first; i <= last; i++) {
                    LuaString part = text(i == last ? right : values[i]);
                    System.arraycopy(part.bytes, 0, joined, at, part.length());
                    at += part.length();
                }
                right = LuaString.of(joined);
                last = first;
            }
        }
        return right;
    }

    private static boolean isText(@Nullable Object value) {
        return value instanceof LuaString || value instanceof Double;
    }

    private static LuaString text(@Nullable Object value) {
        return Texts.plain(value);
    }

    static boolean rawEqual(@Nullable Object a, @Nullable Object b) {
        if (a instanceof Double x && b instanceof Double y) {
            return (double) x == (double) y;
        }
        return a == b || a != null && a.equals(b);
    }

    static boolean equal(Lua lua, @Nullable Object a, @Nullable Object b) {
        if (rawEqual(a, b)) {
            return true;
        }
        if (a instanceof LuaTable x && b instanceof LuaTable y && x.metatable != null && y.metatable != null) {
            Object handler = x.metatable.get("__eq");
            if (handler != null && rawEqual(handler, y.metatable.get("__eq"))) {
                return isTrue(first(lua.call(handler, a, b)));
            }
        }
        return false;
    }

    static boolean less(Lua lua, @Nullable Object a, @Nullable Object b) {
        if (a instanceof Double x && b instanceof Double y) {
            return x < y;
        }
        if (a instanceof LuaString x && b instanceof LuaString y) {
            return x.compareTo(y) < 0;
        }
        Object handler = sharedHandler(lua, a, b, "__lt");
        if (handler == null) {
            throw notComparable(a, b);
        }
        return isTrue(first(lua.call(handler, a, b)));
    }

    static boolean lessOrEqual(Lua lua, @Nullable Object a, @Nullable Object b) {
        if (a instanceof Double x && b instanceof Double y) {
            return x <= y;
        }
        if (a instanceof LuaString x && b instanceof LuaString y) {
            return x.compareTo(y) <= 0;
        }
        Object handler = sharedHandler(lua, a, b, "__le");
        if (handler != null) {
            return isTrue(first(lua.call(handler, a, b)));
        }
        handler = sharedHandler(lua, b, a, "__lt");
        if (handler == null) {
            throw notComparable(a, b);
        }
        return !isTrue(first(lua.call(handler, b, a)));
    }

    private static @Nullable Object sharedHandler(Lua lua, @Nullable Object a, @Nullable Object b, String event) {
        Object handler = metamethod(lua, a, event);
        return handler != null && rawEqual(handler, metamethod(lua, b, event)) ? handler : null;
    }

    private static LuaError notComparable(@Nullable Object a, @Nullable Object b) {
        String left = Texts.typeOf(a);
        String right = Texts.typeOf(b);
        return LuaError.ofOperator(
                left.equals(right)
                        ? "attempt to compare two " + left + " values"
                        : "attempt to compare " + left + " with " + right);
    }

    static @Nullable Object first(@Nullable Object[] values) {
        return values.length == 0 ? null : values[0];
    }
}
