package io.kvasir.gateway.lua;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Counts about how much memory a run's values take, by walking what its globals and calls reach. */
final class ReachableMemory {

    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final ArrayDeque<Object> due = new ArrayDeque<>();
    private long bytes;

    private ReachableMemory() {}

    static long count(LuaTable globals, @Nullable Frame frame) {
        ReachableMemory walk = new ReachableMemory();
        walk.reach(globals);
        for (Frame at = frame; at != null; at = at.caller) {
            walk.reach(at);
        }
        for (Object next = walk.due.poll(); next != null; next = walk.due.poll()) {
            walk.visit(next);
        }
        return walk.bytes;
    }

    private void reach(@Nullable Object value) {
        if (value == null || value instanceof Boolean || value instanceof Double) {
            return;
        }
        if (seen.add(value)) {
            due.add(value);
        }
    }

    private void visit(Object value) {
        switch (value) {
            case LuaString string -> bytes += 40 + string.length();
            case LuaTable table -> {
                bytes += table.ownBytes();
                reach(table.metatable);
                table.forEach((key, element) -> {
                    reach(key);
                    reach(element);
                });
            }
            case Closure closure -> {
                bytes += 32 + 8L * closure.upvalues.length;
                for (Frame.Cell cell : closure.upvalues) {
                    reach(cell);
                }
            }
            case Frame.Cell cell -> {
                bytes += 16;
                reach(cell.value);
            }
            case Frame frame -> {
                bytes += 64 + 8L * (frame.slots.length + frame.varargs.length);
                reach(frame.closure);
                for (Object slot : frame.slots) {
                    reach(slot);
                }
                for (Object vararg : frame.varargs) {
                    reach(vararg);
                }
            }
            case Coroutine coroutine -> {
                bytes += 1_024;
                for (Frame at = coroutine.frame(); at != null; at = at.caller) {
                    reach(at);
                }
            }
            default -> bytes += 16;
        }
    }
}
