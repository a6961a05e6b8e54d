package io.kvasir.gateway.lua;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The names visible while a function is parsed. Confined to its parser. */
final class Scope {

    private static final int LOCALS_MAX = 200;
    private static final int UPVALUES_MAX = 60;

    final @Nullable Scope outer;
    final boolean vararg;
    final int line;
    boolean usesDots;
    int loops;

    private final List<LocalVariable> visible = new ArrayList<>();
    private final List<Prototype.Upvalue> upvalues = new ArrayList<>();
    private int slots;

    Scope(@Nullable Scope outer, boolean vararg, int line) {
        this.outer = outer;
        this.vararg = vararg;
        this.line = line;
    }

    /** Makes a local that is not visible yet. */
    LocalVariable create(String name, Lexer lexer, int pending) {
        int slot = visible.size() + pending;
        if (slot >= LOCALS_MAX) {
            throw lexer.error(limit(LOCALS_MAX, "local variables"));
        }
        slots = Math.max(slots, slot + 1);
        return new LocalVariable(name, slot);
    }

    void show(LocalVariable variable) {
        visible.add(variable);
    }

    int mark() {
        return visible.size();
    }

    void hideFrom(int mark) {
        visible.subList(mark, visible.size()).clear();
    }

    int slots() {
        return slots;
    }

    Prototype.Upvalue[] upvalues() {
        return upvalues.toArray(Prototype.Upvalue[]::new);
    }

    /** Returns what {@code name} means here. */
    Expression.Target resolve(String name, Lexer lexer, Where where) {
        LocalVariable local = local(name);
        if (local != null) {
            return new Expression.Local(local);
        }
        int upvalue = upvalue(name, lexer);
        return upvalue >= 0 ? new Expression.Upvalue(upvalue, name) : new Expression.Global(LuaString.of(name), where);
    }

    private @Nullable LocalVariable local(String name) {
        for (int i = visible.size() - 1; i >= 0; i--) {
            if (visible.get(i).name.equals(name)) {
                return visible.get(i);
            }
        }
        return null;
    }

    private int upvalue(String name, Lexer lexer) {
        if (outer == null) {
            return -1;
        }
        LocalVariable local = outer.local(name);
        int of = local == null ? outer.upvalue(name, lexer) : -1;
        if (local == null && of < 0) {
            return -1;
        }
        for (int i = 0; i < upvalues.size(); i++) {
            Prototype.Upvalue known = upvalues.get(i);
            if (local != null ? known.local() == local : known.local() == null && known.outer() == of) {
                return i;
            }
        }
        if (upvalues.size() == UPVALUES_MAX) {
            throw lexer.error(limit(UPVALUES_MAX, "upvalues"));
        }
        if (local != null) {
            local.captured = true;
        }
        upvalues.add(new Prototype.Upvalue(name, local, of));
        return upvalues.size() - 1;
    }

    private String limit(int max, String what) {
        return (outer == null ? "main function" : "function at line " + line) + " has more than " + max + " " + what;
    }
}
