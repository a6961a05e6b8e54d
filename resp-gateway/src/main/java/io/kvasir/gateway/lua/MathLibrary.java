package io.kvasir.gateway.lua;

import static io.kvasir.gateway.lua.BaseLibrary.one;
import static io.kvasir.gateway.lua.StandardLibraries.put;

import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/** The mathematical functions (lua 5.1 lmathlib.c), with Redis' generator. */
final class MathLibrary {

    /** The generator of drand48, seeded as Redis does (redis rand.c). Confined to its run. */
    static final class Random {

        private static final long MULTIPLIER = 0x5DEECE66DL;
        private static final long INCREMENT = 0xB;
        private static final long MASK = (1L << 48) - 1;

        static final int MAX = Integer.MAX_VALUE;

        private long state;

        Random(long seed) {
            state = seed & MASK;
        }

        void seed(int seed) {
            state = ((long) seed << 16 | 0x330E) & MASK;
        }

        /** Returns a number from 0 to {@link #MAX}. */
        int next() {
            state = (state * MULTIPLIER + INCREMENT) & MASK;
            return (int) (state >>> 17);
        }
    }

    private MathLibrary() {}

    static LuaTable make() {
        LuaTable library = new LuaTable();
        library.put("pi", Math.PI);
        library.put("huge", Double.POSITIVE_INFINITY);
        putOf(library, "abs", Math::abs);
        putOf(library, "acos", Math::acos);
        putOf(library, "asin", Math::asin);
        putOf(library, "atan", Math::atan);
        putOf(library, "ceil", Math::ceil);
        putOf(library, "cos", Math::cos);
        putOf(library, "cosh", Math::cosh);
        putOf(library, "deg", x -> x / (Math.PI / 180.0));
        putOf(library, "exp", Math::exp);
        putOf(library, "floor", Math::floor);
        putOf(library, "log", Math::log);
        putOf(library, "log10", Math::log10);
        putOf(library, "rad", x -> x * (Math.PI / 180.0));
        putOf(library, "sin", Math::sin);
        putOf(library, "sinh", Math::sinh);
        putOf(library, "sqrt", Math::sqrt);
        putOf(library, "tan", Math::tan);
        putOf(library, "tanh", Math::tanh);
        put(library, "atan2", (_, arguments) -> one(Math.atan2(arguments.number(1), arguments.number(2))));
        LuaFunction remainder =
                new LuaFunction.Library((_, arguments) -> one(arguments.number(1) % arguments.number(2)));
        library.put("fmod", remainder);
        library.put("mod", remainder);
        put(library, "pow", (_, arguments) -> one(Math.pow(arguments.number(1), arguments.number(2))));
        put(library, "frexp", MathLibrary::mantissaAndExponent);
        put(library, "ldexp", (_, arguments) -> one(scale(arguments.number(1), arguments.integer(2))));
        put(library, "modf", MathLibrary::wholeAndFraction);
        put(library, "max", (_, arguments) -> extreme(arguments, false));
        put(library, "min", (_, arguments) -> extreme(arguments, true));
        put(library, "random", MathLibrary::random);
        put(library, "randomseed", (lua, arguments) -> {
            lua.random().seed((int) arguments.integer(1));
            return LuaFunction.NO_VALUES;
        });
        return library;
    }

    private static void putOf(LuaTable library, String name, DoubleUnaryOperator function) {
        put(library, name, (_, arguments) -> one(function.applyAsDouble(arguments.number(1))));
    }

    private static double scale(double number, long exponent) {
        return Math.scalb(number, Math.clamp(exponent, -5_000, 5_000));
    }

    private static @Nullable Object[] mantissaAndExponent(Lua lua, Arguments arguments) {
        double x = arguments.number(1);
        if (x == 0 || Double.isNaN(x) || Double.isInfinite(x)) {
            return new Object[] {x, 0.0};
        }
        int exponent = Math.getExponent(x) + 1;
        if (Math.abs(x) < Double.MIN_NORMAL) {
            exponent = Math.getExponent(x * 0x1p54) + 1 - 54;
        }
        return new Object[] {Math.scalb(x, -exponent), (double) exponent};
    }

    private static @Nullable Object[] wholeAndFraction(Lua lua, Arguments arguments) {
        double x = arguments.number(1);
        double whole = x < 0 ? Math.ceil(x) : Math.floor(x);
        return new Object[] {whole, Math.copySign(Double.isInfinite(x) ? 0.0 : x - whole, x)};
    }

    private static @Nullable Object[] extreme(Arguments arguments, boolean least) {
        double best = arguments.number(1);
        for (int i = 2; i <= arguments.count(); i++) {
            double number = arguments.number(i);
            if (least ? number < best : number > best) {
                best = number;
            }
        }
        return one(best);
    }

    private static @Nullable Object[] random(Lua lua, Arguments arguments) {
        double fraction = lua.random().next() % (double) Random.MAX / Random.MAX;
        return switch (arguments.count()) {
            case 0 -> one(fraction);
            case 1 -> {
                int upper = (int) arguments.integer(1);
                if (upper < 1) {
                    throw new BadArgument(1, "interval is empty");
                }
                yield one(Math.floor(fraction * upper) + 1);
            }
            case 2 -> {
                int lower = (int) arguments.integer(1);
                int upper = (int) arguments.integer(2);
                if (lower > upper) {
                    throw new BadArgument(2, "interval is empty");
                }
                yield one(Math.floor(fraction * (upper - lower + 1)) + lower);
            }
            default -> throw new LuaError("wrong number of arguments");
        };
    }
}
