package io.kvasir.gateway.lua;

import io.kvasir.gateway.lua.Frame.Cell;
import org.jspecify.annotations.Nullable;

/** A function of a script with its upvalues. */
final class Closure extends LuaFunction {

    /** A call in tail position, which replaces its caller's frame. */
    record TailCall(Closure closure, @Nullable Object[] arguments) {}

    final Prototype prototype;
    final Cell[] upvalues;

    Closure(Prototype prototype, Cell[] upvalues) {
        this.prototype = prototype;
        this.upvalues = upvalues;
    }

    @Override
    @Nullable
    Object[] call(Lua lua, @Nullable Object[] arguments) {
        Frame caller = lua.enter();
        boolean direct = lua.takeDirect();
        try {
            Closure running = this;
            @Nullable Object[] given = arguments;
            while (true) {
                lua.step();
                Frame frame = new Frame(lua, running, given, caller, direct);
                lua.frame = frame;
                Object result = Statement.run(running.prototype.body, frame);
                if (result == null) {
                    return NO_VALUES;
                }
                if (result instanceof TailCall tail) {
                    running = tail.closure;
                    given = tail.arguments;
                    direct = false;
                } else {
                    return (Object[]) result;
                }
            }
        } catch (StackOverflowError deep) {
            throw LuaError.ofOperator("stack overflow");
        } finally {
            lua.leave(caller);
        }
    }
}
