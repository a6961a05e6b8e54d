package io.kvasir.gateway.lua;

import static io.kvasir.gateway.lua.BaseLibrary.one;
import static io.kvasir.gateway.lua.LuaFunction.NO_VALUES;
import static io.kvasir.gateway.lua.StandardLibraries.put;

import org.jspecify.annotations.Nullable;

/** The table functions (lua 5.1 ltablib.c). */
final class TableLibrary {

    private TableLibrary() {}

    static LuaTable make() {
        LuaTable library = new LuaTable();
        put(library, "concat", TableLibrary::concat);
        put(library, "foreach", TableLibrary::forEach);
        put(library, "foreachi", TableLibrary::forEachIndex);
        put(library, "getn", (_, arguments) -> one((double) arguments.table(1).length()));
        put(library, "insert", TableLibrary::insert);
        put(library, "maxn", TableLibrary::maxIndex);
        put(library, "remove", TableLibrary::remove);
        put(library, "setn", (_, arguments) -> {
            arguments.table(1);
            throw new LuaError("'setn' is obsolete");
        });
        put(library, "sort", TableLibrary::sort);
        return library;
    }

    private static @Nullable Object[] concat(Lua lua, Arguments arguments) {
        LuaTable table = arguments.table(1);
        LuaString separator = arguments.string(2, LuaString.EMPTY);
        long from = arguments.integer(3, 1);
        long to = arguments.get(4) == null ? table.length() : arguments.integer(4);
        ByteString out = new ByteString(lua);
        for (long i = from; i <= to; i++) {
            Object value = table.get((Object) (double) i);
            if (!(value instanceof LuaString || value instanceof Double)) {
                throw new LuaError(
                        "invalid value (" + Texts.typeOf(value) + ") at index " + i + " in table for 'concat'");
            }
            out.add(Texts.plain(value));
            if (i < to) {
                out.add(separator);
            }
            lua.step();
        }
        return one(out.toLua());
    }

    private static @Nullable Object[] forEach(Lua lua, Arguments arguments) {
        LuaTable table = arguments.table(1);
        LuaFunction function = arguments.function(2);
        for (int place = table.next(null); place >= 0; ) {
            Object key = table.keyAt(place);
            Object result = Operators.first(lua.call(function, key, table.valueAt(place)));
            if (result != null) {
                return one(result);
            }
            place = table.next(key);
        }
        return NO_VALUES;
    }

    private static @Nullable Object[] forEachIndex(Lua lua, Arguments arguments) {
        LuaTable table = arguments.table(1);
        LuaFunction function = arguments.function(2);
        int length = table.length();
        for (int i = 1; i <= length; i++) {
            Object result = Operators.first(lua.call(function, (double) i, table.get(i)));
            if (result != null) {
                return one(result);
            }
        }
        return NO_VALUES;
    }

    private static LuaTable writable(Arguments arguments) {
        LuaTable table = arguments.table(1);
        if (table.isReadOnly()) {
            throw LuaError.ofOperator("Attempt to modify a readonly table");
        }
        return table;
    }

    private static @Nullable Object[] insert(Lua lua, Arguments arguments) {
        LuaTable table = writable(arguments);
        int end = table.length() + 1;
        lua.allocated(16);
        switch (arguments.count()) {
            case 2 -> table.put(end, arguments.get(2));
            case 3 -> {
                int position = (int) arguments.integer(2);
                table.insert(position, Math.max(end, position) - 1, arguments.get(3));
            }
            default -> throw new LuaError("wrong number of arguments to 'insert'");
        }
        return NO_VALUES;
    }

    private static @Nullable Object[] remove(Lua lua, Arguments arguments) {
        LuaTable table = writable(arguments);
        int size = table.length();
        int position = (int) arguments.integer(2, size);
        if (position < 1 || position > size) {
            return NO_VALUES;
        }
        return one(table.remove(position, size));
    }

    private static @Nullable Object[] maxIndex(Lua lua, Arguments arguments) {
        double[] max = {0};
        arguments.table(1).forEach((key, _) -> {
            if (key instanceof Double number) {
                max[0] = Math.max(max[0], number);
            }
        });
        return one(max[0]);
    }

    /** Sorts in place by quicksort with the pivots of lua 5.1, so that what compares equal ends where Redis has it. */
    private static @Nullable Object[] sort(Lua lua, Arguments arguments) {
        LuaTable table = writable(arguments);
        LuaFunction order = arguments.get(2) == null ? null : arguments.function(2);
        new Sort(lua, table, order).sort(1, table.length());
        return NO_VALUES;
    }

    private record Sort(Lua lua, LuaTable table, @Nullable LuaFunction order) {

        void sort(int from, int to) {
            int low = from;
            int high = to;
            while (low < high) {
                swapUnlessOrdered(low, high);
                if (high - low == 1) {
                    return;
                }
                int middle = (low + high) >>> 1;
                if (less(table.get(middle), table.get(low))) {
                    swap(middle, low);
                } else {
                    swapUnlessOrdered(middle, high);
                }
                if (high - low == 2) {
                    return;
                }
                Object pivot = table.get(middle);
                swap(middle, high - 1);
                int end = partition(low, high - 1, pivot);
                swap(high - 1, end);
                if (end - low < high - end) {
                    sort(low, end - 1);
                    low = end + 1;
                } else {
                    sort(end + 1, high);
                    high = end - 1;
                }
            }
        }

        private int partition(int low, int high, @Nullable Object pivot) {
            int i = low;
            int j = high;
            while (true) {
                while (less(table.get(++i), pivot)) {
                    if (i > high) {
                        throw new LuaError("invalid order function for sorting");
                    }
                }
                while (less(pivot, table.get(--j))) {
                    if (j < low) {
                        throw new LuaError("invalid order function for sorting");
                    }
                }
                if (j < i) {
                    return i;
                }
                swap(i, j);
            }
        }

        /** Leaves the smaller of two elements at {@code low}. */
        private void swapUnlessOrdered(int low, int high) {
            if (less(table.get(high), table.get(low))) {
                swap(low, high);
            }
        }

        private void swap(int a, int b) {
            Object kept = table.get(a);
            table.put(a, table.get(b));
            table.put(b, kept);
        }

        private boolean less(@Nullable Object a, @Nullable Object b) {
            lua.step();
            return order == null ? Operators.less(lua, a, b) : Operators.isTrue(Operators.first(lua.call(order, a, b)));
        }
    }
}
