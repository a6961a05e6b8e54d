package io.kvasir.gateway.lua;

import io.kvasir.gateway.lua.Frame.Cell;
import io.kvasir.gateway.lua.LuaFunction.Library;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An expression of a script. Immutable; evaluated over a frame. */
sealed interface Expression {

    /** Returns its value, the first if it has several. */
    @Nullable
    Object value(Frame frame);

    /** Returns all its values; only a call and {@code ...} have not exactly one. */
    default @Nullable Object[] values(Frame frame) {
        return new Object[] {value(frame)};
    }

    /** Returns whether it may have more or fewer values than one. */
    default boolean isMultiple() {
        return false;
    }

    /** Returns the name an error gives it, such as <code>local 'x' </code>; empty if it has none. */
    default String named() {
        return "";
    }

    /** What can stand left of an assignment. */
    sealed interface Target extends Expression permits Local, Upvalue, Global, Index {}

    /** Returns the values of a list, the last of which may have several. */
    static @Nullable Object[] list(Expression[] expressions, Frame frame) {
        int count = expressions.length;
        if (count == 0) {
            return LuaFunction.NO_VALUES;
        }
        if (!expressions[count - 1].isMultiple()) {
            @Nullable Object[] values = new Object[count];
            for (int i = 0; i < count; i++) {
                values[i] = expressions[i].value(frame);
            }
            return values;
        }
        if (count == 1) {
            return expressions[0].values(frame);
        }
        @Nullable Object[] first = new Object[count - 1];
        for (int i = 0; i < count - 1; i++) {
            first[i] = expressions[i].value(frame);
        }
        @Nullable Object[] last = expressions[count - 1].values(frame);
        @Nullable Object[] values = Arrays.copyOf(first, count - 1 + last.length);
        System.arraycopy(last, 0, values, count - 1, last.length);
        return values;
    }

    record Constant(@Nullable Object constant) implements Expression {

        @Override
        public @Nullable Object value(Frame frame) {
            return constant;
        }
    }

    record Local(LocalVariable variable) implements Target {

        @Override
        public @Nullable Object value(Frame frame) {
            return frame.get(variable);
        }

        @Override
        public String named() {
            return "local '" + variable.name + "' ";
        }
    }

    record Upvalue(int index, String name) implements Target {

        @Override
        public @Nullable Object value(Frame frame) {
            return frame.closure.upvalues[index].value;
        }

        @Override
        public String named() {
            return "upvalue '" + name + "' ";
        }
    }

    record Global(LuaString name, Where where) implements Target {

        @Override
        public @Nullable Object value(Frame frame) {
            LuaTable globals = frame.lua.globals();
            Object value = globals.get(name);
            return value != null || globals.metatable == null ? value : index(frame, globals, name, where, "");
        }

        @Override
        public String named() {
            return "global '" + name + "' ";
        }
    }

    record Index(Expression object, Expression key, Where where) implements Target {

        @Override
        public @Nullable Object value(Frame frame) {
            Object indexed = object.value(frame);
            Object at = key.value(frame);
            if (indexed instanceof LuaTable table) {
                Object value = table.get(at);
                if (value != null || table.metatable == null) {
                    return value;
                }
            }
            return index(frame, indexed, at, where, indexed instanceof LuaTable ? "" : object.named());
        }

        @Override
        public String named() {
            return key instanceof Constant(LuaString name) ? "field '" + name + "' " : "";
        }
    }

    private static @Nullable Object index(
            Frame frame, @Nullable Object object, @Nullable Object key, Where where, String named) {
        frame.site = where;
        try {
            return Operators.index(frame.lua, object, key, named);
        } catch (LuaError error) {
            error.locate(where);
            throw error;
        }
    }

    /** A call; with {@code method} of the method of that name of {@code function}'s value. */
    record Call(Expression function, @Nullable LuaString method, Expression[] arguments, Where where)
            implements Expression {

        @Override
        public @Nullable Object value(Frame frame) {
            @Nullable Object[] values = values(frame);
            return values.length == 0 ? null : values[0];
        }

        @Override
        public boolean isMultiple() {
            return true;
        }

        @Override
        public @Nullable Object[] values(Frame frame) {
            Object object = function.value(frame);
            Object callee = callee(frame, object);
            return call(frame, callee, argumentsOf(frame, object));
        }

        /** Returns the values, or the call to make in this frame's place. */
        Object tail(Frame frame) {
            Object object = function.value(frame);
            Object callee = callee(frame, object);
            @Nullable Object[] given = argumentsOf(frame, object);
            return callee instanceof Closure closure
                    ? new Closure.TailCall(closure, given)
                    : call(frame, callee, given);
        }

        private @Nullable Object callee(Frame frame, @Nullable Object object) {
            return method == null ? object : index(frame, object, method, where, function.named());
        }

        private @Nullable Object[] argumentsOf(Frame frame, @Nullable Object object) {
            @Nullable Object[] given = list(arguments, frame);
            if (method == null) {
                return given;
            }
            @Nullable Object[] withSelf = new Object[given.length + 1];
            withSelf[0] = object;
            System.arraycopy(given, 0, withSelf, 1, given.length);
            return withSelf;
        }

        private @Nullable Object[] call(Frame frame, @Nullable Object callee, @Nullable Object[] given) {
            frame.site = where;
            Lua lua = frame.lua;
            try {
                if (callee instanceof LuaFunction called) {
                    lua.callsDirectly();
                    return called.call(lua, given);
                }
                Object meta = Operators.metamethod(lua, callee, "__call");
                if (meta instanceof LuaFunction called) {
                    @Nullable Object[] withSelf = new Object[given.length + 1];
                    withSelf[0] = callee;
                    System.arraycopy(given, 0, withSelf, 1, given.length);
                    return called.call(lua, withSelf);
                }
                String named = method == null ? function.named() : "method '" + method + "' ";
                throw where.error("attempt to call " + Operators.nameAndType(named, callee));
            } catch (BadArgument bad) {
                LuaError error = bad.named(calledName(), method != null);
                error.locate(where);
                throw error;
            } catch (LuaError error) {
                if (callee instanceof Library) {
                    error.raisedByLibrary(where);
                } else {
                    error.locate(where);
                }
                throw error;
            }
        }

        private String calledName() {
            if (method != null) {
                return method.toString();
            }
            return switch (function) {
                case Local(LocalVariable variable) -> variable.name;
                case Upvalue upvalue -> upvalue.name;
                case Global global -> global.name.toString();
                case Index(Expression _, Constant(LuaString name), Where _) -> name.toString();
                default -> "?";
            };
        }
    }

    /** An expression in parentheses has one value. */
    record Single(Expression inner) implements Expression {

        @Override
        public @Nullable Object value(Frame frame) {
            return inner.value(frame);
        }
    }

    record Varargs() implements Expression {

        @Override
        public @Nullable Object value(Frame frame) {
            return frame.varargs.length == 0 ? null : frame.varargs[0];
        }

        @Override
        public @Nullable Object[] values(Frame frame) {
            return frame.varargs.clone();
        }

        @Override
        public boolean isMultiple() {
            return true;
        }
    }

    record Function(Prototype prototype) implements Expression {

        @Override
        public Object value(Frame frame) {
            Prototype.Upvalue[] wanted = prototype.upvalues;
            Cell[] cells = new Cell[wanted.length];
            for (int i = 0; i < wanted.length; i++) {
                LocalVariable local = wanted[i].local();
                cells[i] = local != null ? frame.cell(local) : frame.closure.upvalues[wanted[i].outer()];
            }
            return new Closure(prototype, cells);
        }
    }

    /** {@code {a, b; [k] = v, ...}}; the last positional item may have several values. */
    record Table(Expression[] positional, Expression[] keys, Expression[] values, Where where) implements Expression {

        @Override
        public Object value(Frame frame) {
            LuaTable table = new LuaTable();
            for (int i = 0; i < keys.length; i++) {
                Object key = keys[i].value(frame);
                Object value = values[i].value(frame);
                if (key == null || key instanceof Double number && Double.isNaN(number)) {
                    throw where.error("table index is " + (key == null ? "nil" : "NaN"));
                }
                table.set(key, value);
            }
            @Nullable Object[] items = list(positional, frame);
            for (int i = 0; i < items.length; i++) {
                if (items[i] != null) {
                    table.put(i + 1, items[i]);
                }
            }
            return table;
        }
    }

    record And(Expression left, Expression right) implements Expression {

        @Override
        public @Nullable Object value(Frame frame) {
            Object value = left.value(frame);
            return Operators.isTrue(value) ? right.value(frame) : value;
        }
    }

    record Or(Expression left, Expression right) implements Expression {

        @Override
        public @Nullable Object value(Frame frame) {
            Object value = left.value(frame);
            return Operators.isTrue(value) ? value : right.value(frame);
        }
    }

    record Not(Expression operand) implements Expression {

        @Override
        public Object value(Frame frame) {
            return !Operators.isTrue(operand.value(frame));
        }
    }

    record Arithmetic(Operators.Arithmetic operator, Expression left, Expression right, Where where)
            implements Expression {

        @Override
        public @Nullable Object value(Frame frame) {
            Object a = left.value(frame);
            Object b = right.value(frame);
            if (a instanceof Double x && b instanceof Double y) {
                return operator.apply(x, y);
            }
            frame.site = where;
            try {
                return Operators.arithmetic(frame.lua, operator, a, b, left.named(), right.named());
            } catch (LuaError error) {
                error.locate(where);
                throw error;
            }
        }
    }

    record Negate(Expression operand, Where where) implements Expression {

        @Override
        public @Nullable Object value(Frame frame) {
            Object a = operand.value(frame);
            if (a instanceof Double x) {
                return -x;
            }
            frame.site = where;
            try {
                return Operators.negate(frame.lua, a, operand.named());
            } catch (LuaError error) {
                error.locate(where);
                throw error;
            }
        }
    }

    record Length(Expression operand, Where where) implements Expression {

        @Override
        public @Nullable Object value(Frame frame) {
            Object a = operand.value(frame);
            return switch (a) {
                case LuaString string -> (double) string.length();
                case LuaTable table -> (double) table.length();
                case null, default ->
                    throw where.error("attempt to get length of " + Operators.nameAndType(operand.named(), a));
            };
        }
    }

    record Comparison(Operators.Comparison operator, Expression left, Expression right, Where where)
            implements Expression {

        @Override
        public Object value(Frame frame) {
            Object a = left.value(frame);
            Object b = right.value(frame);
            frame.site = where;
            try {
                return operator.holds(frame.lua, a, b);
            } catch (LuaError error) {
                error.locate(where);
                throw error;
            }
        }
    }

    /** {@code a .. b .. c}, joined from the right. */
    record Concat(Expression[] parts, Where where) implements Expression {

        @Override
        public @Nullable Object value(Frame frame) {
            @Nullable Object[] values = new Object[parts.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = parts[i].value(frame);
            }
            frame.site = where;
            try {
                return Operators.concat(frame.lua, values, parts);
            } catch (LuaError error) {
                error.locate(where);
                throw error;
            }
        }
    }
}
