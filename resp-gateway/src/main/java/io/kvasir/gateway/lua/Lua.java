package io.kvasir.gateway.lua;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One run of scripts: globals, the stack of calls, and what it may use. A run is bounded in depth, in memory and, by
 * {@link Limits}, in steps. Confined to the thread that runs it; a coroutine's thread runs only while that one waits.
 */
public final class Lua {

    /**
     * Nested calls of script functions, as in lua 5.1 (LUAI_MAXCALLS), less what this program's stack does not hold.
     */
    static final int CALLS_MAX = 6_000;

    /** Nested calls from library functions back into scripts (LUAI_MAXCCALLS). */
    static final int LIBRARY_CALLS_MAX = 195;

    private static final int STEPS_BETWEEN_CHECKS = 1_024;

    /**
     * What a run may use.
     *
     * @param stepsMax calls and turns of loops
     * @param bytesMax memory that is reachable at once, about
     * @param stopped asked now and then whether the run shall end
     */
    public record Limits(long stepsMax, long bytesMax, BooleanSupplier stopped) {}

    /** A run that was ended from outside or passed a limit; no script can catch it. */
    @SuppressWarnings("serial") // never serialized
    public static final class Stopped extends RuntimeException {

        Stopped(String message) {
            super(message, null, false, false);
        }
    }

    private final LuaTable globals = new LuaTable();
    private final Limits limits;
    private final MathLibrary.Random random;
    private final List<Coroutine> coroutines = new ArrayList<>();

    private final JsonLibrary.Settings jsonSettings = new JsonLibrary.Settings();
    private long steps;
    private long bytesUntilCount;
    private int calls;
    private int libraryCalls;
    private boolean direct;

    @Nullable
    Frame frame;

    @Nullable
    Coroutine running;

    /**
     * Starts a run with the standard libraries that Redis has.
     *
     * @param seed what {@code math.random} starts from
     */
    public Lua(Limits limits, long seed) {
        this.limits = limits;
        this.random = new MathLibrary.Random(seed);
        this.bytesUntilCount = limits.bytesMax() / 2;
        StandardLibraries.addTo(globals);
    }

    public LuaTable globals() {
        return globals;
    }

    /**
     * Parses {@code source}; the function may be called by any run.
     *
     * @param chunk its name in messages
     * @throws LuaError if it does not parse; the value is the message
     */
    public static LuaFunction parse(LuaString source, String chunk) {
        return new Closure(new Parser(source, chunk).parse(), new Frame.Cell[0]);
    }

    /**
     * Calls {@code function}.
     *
     * @throws LuaError if it fails
     * @throws Stopped if it was ended or passed a limit
     */
    public @Nullable Object[] call(@Nullable Object function, @Nullable Object... arguments) {
        if (++libraryCalls > LIBRARY_CALLS_MAX) {
            libraryCalls--;
            throw new LuaError("C stack overflow");
        }
        direct = false;
        try {
            if (function instanceof LuaFunction callee) {
                return callee.call(this, arguments);
            }
            Object handler = Operators.metamethod(this, function, "__call");
            if (handler instanceof LuaFunction callee) {
                @Nullable Object[] withSelf = new Object[arguments.length + 1];
                withSelf[0] = function;
                System.arraycopy(arguments, 0, withSelf, 1, arguments.length);
                return callee.call(this, withSelf);
            }
            throw LuaError.ofOperator("attempt to call a " + Texts.typeOf(function) + " value");
        } catch (BadArgument bad) {
            LuaError error = bad.named("?", false);
            error.leaveUnlocated();
            throw error;
        } finally {
            libraryCalls--;
        }
    }

    /** Runs {@code work} on the thread of this run, from whatever coroutine calls it. */
    public @Nullable Object[] onOwner(Supplier<@Nullable Object[]> work) {
        return Coroutine.onOwner(this, work);
    }

    /**
     * Calls {@code function} as the first of a run, and ends its coroutines.
     *
     * @throws LuaError if it fails, also by its depth
     * @throws Stopped if it was ended or passed a limit
     */
    public @Nullable Object[] run(LuaFunction function, @Nullable Object... arguments) {
        try {
            return call(function, arguments);
        } catch (StackOverflowError deep) {
            throw LuaError.ofValue(LuaString.of("stack overflow"));
        } finally {
            for (Coroutine coroutine : coroutines) {
                coroutine.end();
            }
            coroutines.clear();
        }
    }

    /** How deep the run is in calls. */
    record Depth(@Nullable Frame frame, int calls, int libraryCalls) {}

    /** Returns the depth, which a coroutine counts for itself. */
    Depth depth() {
        return new Depth(frame, calls, libraryCalls);
    }

    void restore(Depth depth) {
        frame = depth.frame();
        calls = depth.calls();
        libraryCalls = depth.libraryCalls();
    }

    MathLibrary.Random random() {
        return random;
    }

    void register(Coroutine coroutine) {
        coroutines.removeIf(Coroutine::isDead);
        if (coroutines.size() == Coroutine.LIVE_MAX) {
            throw new LuaError("too many coroutines");
        }
        coroutines.add(coroutine);
    }

    JsonLibrary.Settings jsonSettings() {
        return jsonSettings;
    }

    @Nullable
    LuaTable metatable(@Nullable Object value) {
        return switch (value) {
            case LuaTable table -> table.metatable;
            case LuaString _ -> StandardLibraries.stringMetatable();
            case null, default -> null;
        };
    }

    /** The next function is called by a line of a script, which {@link Frame#site} tells. */
    void callsDirectly() {
        direct = true;
    }

    boolean takeDirect() {
        boolean was = direct;
        direct = false;
        return was;
    }

    /** Enters a call; returns the frame to come back to. */
    @Nullable
    Frame enter() {
        if (calls >= CALLS_MAX) {
            direct = false;
            throw LuaError.ofOperator("stack overflow");
        }
        calls++;
        return frame;
    }

    void leave(@Nullable Frame caller) {
        calls--;
        frame = caller;
    }

    /** Counts a call or a turn of a loop. */
    void step() {
        if ((++steps & (STEPS_BETWEEN_CHECKS - 1)) == 0) {
            if (steps > limits.stepsMax()) {
                throw new Stopped("the script passed its limit of " + limits.stepsMax() + " steps");
            }
            if (limits.stopped().getAsBoolean()) {
                throw new Stopped("the script was ended");
            }
        }
    }

    /** Returns a new array of {@code length} bytes. */
    byte[] bytes(long length) {
        if (length > limits.bytesMax() || length > Integer.MAX_VALUE - 8) {
            throw new LuaError("not enough memory");
        }
        allocated(length);
        return new byte[(int) length];
    }

    /** Counts {@code bytes} of memory taken; now and then counts what of it is still in use. */
    void allocated(long bytes) {
        bytesUntilCount -= bytes + 16;
        if (bytesUntilCount < 0) {
            long live = ReachableMemory.count(globals, frame);
            if (live > limits.bytesMax()) {
                throw new LuaError("not enough memory");
            }
            bytesUntilCount = Math.max(limits.bytesMax() - live, limits.bytesMax() / 4);
        }
    }

    /**
     * Returns where the line is that called the function that runs {@code level} levels up; null if no line did.
     *
     * @param calledDirectly whether a line called the library function that asks
     */
    @Nullable
    Where where(int level, boolean calledDirectly) {
        if (!calledDirectly && level == 1) {
            return null;
        }
        Frame at = frame;
        for (int i = 1; i < level && at != null; i++) {
            if (!at.direct) {
                return null;
            }
            at = at.caller;
        }
        return at == null ? null : at.site;
    }
}
