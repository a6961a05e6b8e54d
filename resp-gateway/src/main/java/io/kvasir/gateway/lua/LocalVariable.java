package io.kvasir.gateway.lua;

/** A local of a function: its place in the frame, and whether an inner function uses it, known once all is parsed. */
final class LocalVariable {

    final String name;
    final int slot;
    boolean captured;

    LocalVariable(String name, int slot) {
        this.name = name;
        this.slot = slot;
    }
}
