package io.kvasir.gateway.lua;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One call of a closure: its locals and where it stands. Confined to its script. */
final class Frame {

    /** A local that an inner function uses: both see the same place. */
    static final class Cell {

        @Nullable
        Object value;

        Cell(@Nullable Object value) {
            this.value = value;
        }
    }

    final Lua lua;
    final Closure closure;
    final @Nullable Object[] slots;
    final @Nullable Object[] varargs;

    final @Nullable Frame caller;

    /** Whether a line of {@link #caller} called, rather than a library function that it had called. */
    final boolean direct;

    /** The call that runs now, or ran last. */
    @Nullable
    Where site;

    Frame(Lua lua, Closure closure, @Nullable Object[] arguments, @Nullable Frame caller, boolean direct) {
        this.lua = lua;
        this.closure = closure;
        this.caller = caller;
        this.direct = direct;
        Prototype prototype = closure.prototype;
        this.slots = new Object[prototype.slots];
        int parameters = prototype.parameters.length;
        int given = Math.min(parameters, arguments.length);
        System.arraycopy(arguments, 0, slots, 0, given);
        if (prototype.vararg && arguments.length > parameters) {
            varargs = Arrays.copyOfRange(arguments, parameters, arguments.length);
        } else {
            varargs = LuaFunction.NO_VALUES;
        }
        for (LocalVariable parameter : prototype.parameters) {
            if (parameter.captured) {
                slots[parameter.slot] = new Cell(slots[parameter.slot]);
            }
        }
        LocalVariable arg = prototype.argTable;
        if (arg != null) {
            LuaTable table = new LuaTable();
            for (int i = 0; i < varargs.length; i++) {
                table.put(i + 1, varargs[i]);
            }
            table.put("n", (double) varargs.length);
            declare(arg, table);
        }
    }

    /** Gives a local its first value; a captured one gets a new place each time. */
    void declare(LocalVariable variable, @Nullable Object value) {
        slots[variable.slot] = variable.captured ? new Cell(value) : value;
    }

    @Nullable
    Object get(LocalVariable variable) {
        Object value = slots[variable.slot];
        return variable.captured ? cell(value).value : value;
    }

    void set(LocalVariable variable, @Nullable Object value) {
        if (variable.captured) {
            cell(slots[variable.slot]).value = value;
        } else {
            slots[variable.slot] = value;
        }
    }

    Cell cell(LocalVariable variable) {
        return cell(slots[variable.slot]);
    }

    private static Cell cell(@Nullable Object slot) {
        if (slot instanceof Cell cell) {
            return cell;
        }
        throw new AssertionError("the variable is not captured");
    }
}
