package io.kvasir.gateway.lua;

import org.jspecify.annotations.Nullable;

/** A parsed function, before it meets its upvalues. Immutable but for what the parser fills in last. */
final class Prototype {

    /** Where a closure finds an upvalue when it is made: a local of the function around it, or an upvalue of that. */
    record Upvalue(String name, @Nullable LocalVariable local, int outer) {}

    final String chunk;
    final LocalVariable[] parameters;
    final boolean vararg;

    /** The local {@code arg} of a function of variable arguments that does not use {@code ...}; null if it does. */
    @Nullable
    LocalVariable argTable;

    int slots;
    Upvalue[] upvalues = {};
    Statement[] body = {};

    Prototype(String chunk, LocalVariable[] parameters, boolean vararg) {
        this.chunk = chunk;
        this.parameters = parameters;
        this.vararg = vararg;
    }
}
