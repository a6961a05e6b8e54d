package io.kvasir.gateway.lua;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A statement of a script. Immutable; run over a frame. */
sealed interface Statement {

    /** What a statement answers that leaves its loop. */
    Object BREAK = new Object();

    /** Runs it; returns null, {@link #BREAK}, the values returned, or a {@link Closure.TailCall} to make. */
    @Nullable
    Object run(Frame frame);

    /** Runs the statements of a block. */
    static @Nullable Object run(Statement[] block, Frame frame) {
        for (Statement statement : block) {
            Object left = statement.run(frame);
            if (left != null) {
                return left;
            }
        }
        return null;
    }

    record Evaluate(Expression.Call call) implements Statement {

        @Override
        public @Nullable Object run(Frame frame) {
            call.values(frame);
            return null;
        }
    }

    record Declare(LocalVariable[] variables, Expression[] values) implements Statement {

        @Override
        public @Nullable Object run(Frame frame) {
            if (variables.length == 1 && values.length == 1) {
                frame.declare(variables[0], values[0].value(frame));
                return null;
            }
            @Nullable Object[] given = Expression.list(values, frame);
            for (int i = 0; i < variables.length; i++) {
                frame.declare(variables[i], i < given.length ? given[i] : null);
            }
            return null;
        }
    }

    /** {@code local function f}: the name is known inside. */
    record DeclareFunction(LocalVariable variable, Expression.Function function) implements Statement {

        @Override
        public @Nullable Object run(Frame frame) {
            frame.declare(variable, null);
            frame.set(variable, function.value(frame));
            return null;
        }
    }

    record Assign(Expression.Target[] targets, Expression[] values) implements Statement {

        @Override
        public @Nullable Object run(Frame frame) {
            if (targets.length == 1) {
                assignOne(frame);
                return null;
            }
            @Nullable Object[] objects = new Object[targets.length];
            @Nullable Object[] keys = new Object[targets.length];
            for (int i = 0; i < targets.length; i++) {
                if (targets[i] instanceof Expression.Index index) {
                    objects[i] = index.object().value(frame);
                    keys[i] = index.key().value(frame);
                }
            }
            @Nullable Object[] given = Expression.list(values, frame);
            for (int i = targets.length - 1; i >= 0; i--) {
                assign(frame, targets[i], objects[i], keys[i], i < given.length ? given[i] : null);
            }
            return null;
        }

        private void assignOne(Frame frame) {
            Expression.Target target = targets[0];
            Object object = null;
            Object key = null;
            if (target instanceof Expression.Index index) {
                object = index.object().value(frame);
                key = index.key().value(frame);
            }
            Object value;
            if (values.length == 1) {
                value = values[0].value(frame);
            } else {
                @Nullable Object[] given = Expression.list(values, frame);
                value = given.length == 0 ? null : given[0];
            }
            assign(frame, target, object, key, value);
        }

        private static void assign(
                Frame frame,
                Expression.Target target,
                @Nullable Object object,
                @Nullable Object key,
                @Nullable Object value) {
            switch (target) {
                case Expression.Local(LocalVariable variable) -> frame.set(variable, value);
                case Expression.Upvalue(int at, String _) -> frame.closure.upvalues[at].value = value;
                case Expression.Global(LuaString name, Where where) ->
                    store(frame, frame.lua.globals(), name, value, where, "");
                case Expression.Index(Expression indexed, Expression _, Where where) ->
                    store(frame, object, key, value, where, object instanceof LuaTable ? "" : indexed.named());
            }
        }

        private static void store(
                Frame frame,
                @Nullable Object object,
                @Nullable Object key,
                @Nullable Object value,
                Where where,
                String named) {
            frame.site = where;
            try {
                Operators.store(frame.lua, object, key, value, named);
            } catch (LuaError error) {
                error.locate(where);
                throw error;
            }
        }
    }

    record Block(Statement[] body) implements Statement {

        @Override
        public @Nullable Object run(Frame frame) {
            return Statement.run(body, frame);
        }
    }

    /** {@code if … elseif … else}; an {@code else} has a condition that is true. */
    record If(Expression[] conditions, Statement[][] blocks) implements Statement {

        @Override
        public @Nullable Object run(Frame frame) {
            for (int i = 0; i < conditions.length; i++) {
                if (Operators.isTrue(conditions[i].value(frame))) {
                    return Statement.run(blocks[i], frame);
                }
            }
            return null;
        }
    }

    record While(Expression condition, Statement[] body) implements Statement {

        @Override
        public @Nullable Object run(Frame frame) {
            while (Operators.isTrue(condition.value(frame))) {
                frame.lua.step();
                Object left = Statement.run(body, frame);
                if (left != null) {
                    return left == BREAK ? null : left;
                }
            }
            return null;
        }
    }

    record Repeat(Statement[] body, Expression until) implements Statement {

        @Override
        public @Nullable Object run(Frame frame) {
            do {
                frame.lua.step();
                Object left = Statement.run(body, frame);
                if (left != null) {
                    return left == BREAK ? null : left;
                }
            } while (!Operators.isTrue(until.value(frame)));
            return null;
        }
    }

    record NumericFor(
            LocalVariable variable,
            Expression from,
            Expression to,
            @Nullable Expression by,
            Statement[] body,
            Where where)
            implements Statement {

        @Override
        public @Nullable Object run(Frame frame) {
            Object first = from.value(frame);
            Object last = to.value(frame);
            Object step = by == null ? Double.valueOf(1) : by.value(frame);
            double index = number(first, "initial value");
            double limit = number(last, "limit");
            double increment = number(step, "step");
            while (increment > 0 ? index <= limit : limit <= index) {
                frame.lua.step();
                frame.declare(variable, index);
                Object left = Statement.run(body, frame);
                if (left != null) {
                    return left == BREAK ? null : left;
                }
                index += increment;
            }
            return null;
        }

        private double number(@Nullable Object value, String what) {
            Double number = Operators.number(value);
            if (number == null) {
                throw where.error("'for' " + what + " must be a number");
            }
            return number;
        }
    }

    record GenericFor(LocalVariable[] variables, Expression[] values, Statement[] body, Where where)
            implements Statement {

        @Override
        public @Nullable Object run(Frame frame) {
            @Nullable Object[] given = Arrays.copyOf(Expression.list(values, frame), 3);
            Object control = given[2];
            while (true) {
                frame.lua.step();
                @Nullable Object[] next = next(frame, given[0], given[1], control);
                control = next.length == 0 ? null : next[0];
                if (control == null) {
                    return null;
                }
                for (int i = 0; i < variables.length; i++) {
                    frame.declare(variables[i], i < next.length ? next[i] : null);
                }
                Object left = Statement.run(body, frame);
                if (left != null) {
                    return left == BREAK ? null : left;
                }
            }
        }

        private @Nullable Object[] next(
                Frame frame, @Nullable Object function, @Nullable Object state, @Nullable Object control) {
            frame.site = where;
            try {
                if (function instanceof LuaFunction called) {
                    frame.lua.callsDirectly();
                    return called.call(frame.lua, new Object[] {state, control});
                }
                return frame.lua.call(function, state, control);
            } catch (BadArgument bad) {
                LuaError error = bad.named("(for generator)", false);
                error.locate(where);
                throw error;
            } catch (LuaError error) {
                error.locate(where);
                throw error;
            }
        }
    }

    record Return(Expression[] values) implements Statement {

        @Override
        public Object run(Frame frame) {
            if (values.length == 1 && values[0] instanceof Expression.Call call) {
                return call.tail(frame);
            }
            return Expression.list(values, frame);
        }
    }

    record Break() implements Statement {

        @Override
        public Object run(Frame frame) {
            return BREAK;
        }
    }
}
