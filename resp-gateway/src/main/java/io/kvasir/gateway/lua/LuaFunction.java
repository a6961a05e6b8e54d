package io.kvasir.gateway.lua;

import org.jspecify.annotations.Nullable;

/** A function: a {@link Closure} of a script, or a {@link Library} function of this program. */
public abstract sealed class LuaFunction permits Closure, LuaFunction.Library {

    static final @Nullable Object[] NO_VALUES = {};

    /** Calls the function; the arguments may be kept and changed by it. */
    abstract @Nullable Object[] call(Lua lua, @Nullable Object[] arguments);

    /** The code of a library function. */
    @FunctionalInterface
    public interface Code {

        /**
         * Runs it.
         *
         * @throws LuaError if it fails
         */
        @Nullable
        Object[] run(Lua lua, Arguments arguments);
    }

    /** A function written in Java. */
    public static final class Library extends LuaFunction {

        private final Code code;

        public Library(Code code) {
            this.code = code;
        }

        @Override
        @Nullable
        Object[] call(Lua lua, @Nullable Object[] arguments) {
            return code.run(lua, new Arguments(arguments));
        }
    }
}
