package io.kvasir.txn.simulation;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * A task that pauses and goes on where it paused, on the thread that resumes it: what a virtual thread is made of,
 * without its scheduler. Handing a baton between threads costs two switches of the processor for each pause, and loses
 * it to whatever else runs on the machine; this costs less than a microsecond.
 *
 * <p>Needs {@code --add-exports java.base/jdk.internal.vm=ALL-UNNAMED}, which the build gives to all tests. Confined to
 * one thread.
 */
final class Coroutine {

    private static final Object SCOPE;
    private static final MethodHandle NEW;
    private static final MethodHandle RUN;
    private static final MethodHandle PAUSE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            Class<?> scope = Class.forName("jdk.internal.vm.ContinuationScope");
            Class<?> continuation = Class.forName("jdk.internal.vm.Continuation");
            MethodHandle newScope = lookup.findConstructor(scope, MethodType.methodType(void.class, String.class));
            SCOPE = newScope.asType(MethodType.methodType(Object.class, String.class))
                    .invokeExact("simulation");
            NEW = lookup.findConstructor(continuation, MethodType.methodType(void.class, scope, Runnable.class))
                    .asType(MethodType.methodType(Object.class, Object.class, Runnable.class));
            RUN = lookup.findVirtual(continuation, "run", MethodType.methodType(void.class))
                    .asType(MethodType.methodType(void.class, Object.class));
            PAUSE = lookup.findStatic(continuation, "yield", MethodType.methodType(boolean.class, scope))
                    .asType(MethodType.methodType(boolean.class, Object.class));
        } catch (Throwable missing) {
            throw new ExceptionInInitializerError(missing);
        }
    }

    private final Object continuation;

    Coroutine(Runnable task) {
        try {
            continuation = NEW.invokeExact(SCOPE, task);
        } catch (Throwable thrown) {
            throw new AssertionError(thrown);
        }
    }

    /** Runs the task until it pauses or ends; it must not throw. */
    void resume() {
        try {
            RUN.invokeExact(continuation);
        } catch (Throwable thrown) {
            throw new AssertionError(thrown);
        }
    }

    /** Pauses the task that calls this, until it is resumed. */
    static void pause() {
        try {
            boolean unused = (boolean) PAUSE.invokeExact(SCOPE);
        } catch (Throwable thrown) {
            throw new AssertionError(thrown);
        }
    }
}
