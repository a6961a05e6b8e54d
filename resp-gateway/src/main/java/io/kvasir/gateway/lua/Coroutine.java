package io.kvasir.gateway.lua;

import static io.kvasir.gateway.lua.BaseLibrary.one;
import static io.kvasir.gateway.lua.StandardLibraries.put;

import java.util.concurrent.SynchronousQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A coroutine: a virtual thread that runs only while the thread that resumed it waits. What must run on the run's own
 * thread (a call of Redis, say) is handed back there by {@link #onOwner}. Its fields are handed over with control.
 */
final class Coroutine {

    /** Coroutines of a run that have not ended. */
    static final int LIVE_MAX = 1_000;

    private enum State {
        SUSPENDED("suspended"),
        RUNNING("running"),
        /** It resumed another. */
        NORMAL("normal"),
        DEAD("dead");

        final LuaString text;

        State(String text) {
            this.text = LuaString.of(text);
        }
    }

    /** What goes from one thread to the other. */
    private sealed interface Message {
        record Resume(@Nullable Object[] values) implements Message {}

        record Yield(@Nullable Object[] values) implements Message {}

        record Return(@Nullable Object[] values) implements Message {}

        record Failure(Throwable failure) implements Message {}

        record Task(Supplier<@Nullable Object[]> work) implements Message {}

        record End() implements Message {}
    }

    /** Unwinds a coroutine whose run is over. */
    @SuppressWarnings("serial") // never serialized
    private static final class Ended extends Error {

        Ended() {
            super(null, null, false, false);
        }
    }

    private final SynchronousQueue<Message> in = new SynchronousQueue<>();
    private final SynchronousQueue<Message> out = new SynchronousQueue<>();
    private final LuaFunction body;
    private State state = State.SUSPENDED;
    private boolean started;
    private @Nullable Frame frame;
    private @Nullable Coroutine resumer;

    private Coroutine(LuaFunction body) {
        this.body = body;
    }

    static LuaTable library() {
        LuaTable library = new LuaTable();
        put(library, "create", (lua, arguments) -> one(create(lua, arguments)));
        put(library, "resume", (lua, arguments) -> {
            Coroutine coroutine = coroutine(arguments);
            try {
                @Nullable Object[] values = coroutine.resume(lua, arguments.from(2));
                @Nullable Object[] all = new Object[values.length + 1];
                all[0] = true;
                System.arraycopy(values, 0, all, 1, values.length);
                return all;
            } catch (LuaError error) {
                error.leaveUnlocated();
                return new Object[] {false, error.value()};
            }
        });
        put(library, "wrap", (lua, arguments) -> {
            Coroutine coroutine = create(lua, arguments);
            return one(new LuaFunction.Library((caller, given) -> {
                try {
                    return coroutine.resume(caller, given.all());
                } catch (LuaError error) {
                    if (error.value() instanceof LuaString message) {
                        throw new LuaError(message);
                    }
                    throw error;
                }
            }));
        });
        put(library, "running", (lua, _) -> one(lua.running));
        put(library, "status", (_, arguments) -> one(coroutine(arguments).state.text));
        put(library, "yield", (lua, arguments) -> {
            Coroutine self = lua.running;
            if (self == null) {
                throw LuaError.ofOperator("attempt to yield across metamethod/C-call boundary");
            }
            return self.suspend(lua, arguments.all());
        });
        return library;
    }

    private static Coroutine create(Lua lua, Arguments arguments) {
        if (!(arguments.get(1) instanceof Closure closure)) {
            throw new BadArgument(1, "Lua function expected");
        }
        Coroutine coroutine = new Coroutine(closure);
        lua.register(coroutine);
        return coroutine;
    }

    private static Coroutine coroutine(Arguments arguments) {
        if (arguments.get(1) instanceof Coroutine coroutine) {
            return coroutine;
        }
        throw new BadArgument(1, "coroutine expected");
    }

    /** Runs {@code work} on the thread of {@code lua}'s run, from whatever coroutine calls. */
    static @Nullable Object[] onOwner(Lua lua, Supplier<@Nullable Object[]> work) {
        Coroutine self = lua.running;
        return self == null ? work.get() : self.handOver(new Message.Task(work));
    }

    boolean isDead() {
        return state == State.DEAD;
    }

    @Nullable
    Frame frame() {
        return frame;
    }

    private @Nullable Object[] resume(Lua lua, @Nullable Object[] values) {
        if (state != State.SUSPENDED) {
            throw new LuaError("cannot resume " + (state == State.DEAD ? "dead" : "non-suspended") + " coroutine");
        }
        resumer = lua.running;
        if (resumer != null) {
            resumer.state = State.NORMAL;
        }
        state = State.RUNNING;
        Lua.Depth depth = lua.depth();
        lua.running = this;
        try {
            if (!started) {
                started = true;
                Thread.ofVirtual().name("lua-coroutine").start(() -> live(lua));
            }
            Message message = exchange(in, new Message.Resume(values), out);
            while (message instanceof Message.Task task) {
                message = exchange(in, answer(lua, task), out);
            }
            return switch (message) {
                case Message.Yield(@Nullable Object[] yielded) -> {
                    state = State.SUSPENDED;
                    yield yielded;
                }
                case Message.Return(@Nullable Object[] returned) -> {
                    state = State.DEAD;
                    yield returned;
                }
                case Message.Failure(Throwable failure) -> {
                    state = State.DEAD;
                    throw rethrown(failure);
                }
                case Message.Resume _, Message.Task _, Message.End _ -> throw new IllegalStateException();
            };
        } finally {
            lua.running = resumer;
            if (resumer != null) {
                resumer.state = State.RUNNING;
            }
            lua.restore(depth);
        }
    }

    /** Runs a task of this coroutine here, or hands it on to whoever resumed the one that runs here. */
    private Message answer(Lua lua, Message.Task task) {
        lua.running = resumer;
        try {
            return new Message.Return(onOwner(lua, task.work()));
        } catch (RuntimeException | StackOverflowError failure) {
            return new Message.Failure(failure);
        } finally {
            lua.running = this;
        }
    }

    /** The body of the coroutine's thread. */
    private void live(Lua lua) {
        Message last;
        try {
            Message first = in.take();
            if (!(first instanceof Message.Resume(@Nullable Object[] values))) {
                return;
            }
            last = new Message.Return(body.call(lua, values));
        } catch (Ended | InterruptedException over) {
            return;
        } catch (StackOverflowError deep) {
            last = new Message.Failure(LuaError.ofValue(LuaString.of("stack overflow")));
        } catch (RuntimeException | AssertionError failure) {
            last = new Message.Failure(failure);
        }
        try {
            out.put(last);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable Object[] suspend(Lua lua, @Nullable Object[] values) {
        Lua.Depth depth = lua.depth();
        frame = depth.frame();
        @Nullable Object[] given = handOver(new Message.Yield(values));
        lua.restore(depth);
        return given;
    }

    /** Gives control back with {@code message}, and waits for it to return. Called by the coroutine's thread. */
    private @Nullable Object[] handOver(Message message) {
        return switch (exchange(out, message, in)) {
            case Message.Resume(@Nullable Object[] values) -> values;
            case Message.Return(@Nullable Object[] values) -> values;
            case Message.Failure(Throwable failure) -> throw rethrown(failure);
            case Message.End _ -> throw new Ended();
            case Message.Yield _, Message.Task _ -> throw new IllegalStateException();
        };
    }

    private static Message exchange(SynchronousQueue<Message> to, Message message, SynchronousQueue<Message> from) {
        try {
            to.put(message);
            return from.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Lua.Stopped("the script was interrupted");
        }
    }

    private static RuntimeException rethrown(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return (RuntimeException) failure;
    }

    /** Ends the thread of a coroutine that is suspended; its run is over. */
    void end() {
        if (started && state == State.SUSPENDED) {
            state = State.DEAD;
            try {
                in.put(new Message.End());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
