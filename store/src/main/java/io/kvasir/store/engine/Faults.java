package io.kvasir.store.engine;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The first fault of an engine: told once to its handler, and from then on the reason to refuse writes. Any thread. */
final class Faults {

    private final Consumer<EngineFault> handler;
    private final AtomicReference<@Nullable EngineFault> first = new AtomicReference<>();

    /** @param handler called once, by the thread that failed; in production it halts the process */
    Faults(Consumer<EngineFault> handler) {
        this.handler = handler;
    }

    /** Notes a failure and returns it to be thrown. */
    EngineFault fault(String what, Exception cause) {
        EngineFault fault = new EngineFault(what + ": " + oneLine(cause), cause);
        if (first.compareAndSet(null, fault)) {
            handler.accept(fault);
        }
        return fault;
    }

    boolean isFaulty() {
        return first.get() != null;
    }

    /** Throws if there was a fault. */
    void requireNone() {
        EngineFault fault = first.get();
        if (fault != null) {
            throw new EngineFault("the engine has failed: " + fault.getMessage(), fault);
        }
    }

    static String oneLine(Exception cause) {
        return String.valueOf(cause.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
