package io.kvasir.tools.launch;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the requests to stop: Ctrl-C, {@code kill}, the end of the terminal.
 *
 * <p>The JVM offers a second Ctrl-C to nobody but {@code sun.misc.Signal}; javac warns of that class whatever one says,
 * so it is reached by name. Safe for any thread.
 */
final class Interrupts {

    private final AtomicInteger count = new AtomicInteger();

    private Interrupts() {}

    /** Takes over the signals of this process. */
    static Interrupts install() {
        Interrupts interrupts = new Interrupts();
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Method handle = signal.getMethod("handle", signal, handler);
            Object counter = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            interrupts.count.incrementAndGet();
                        }
                        return Integer.valueOf(0);
                    });
            for (String name : new String[] {"INT", "TERM", "HUP"}) {
                handle.invoke(null, signal.getConstructor(String.class).newInstance(name), counter);
            }
            return interrupts;
        } catch (ReflectiveOperationException absent) {
            throw new LaunchException("this JDK has no sun.misc.Signal (" + absent.getMessage() + ")");
        }
    }

    /** Returns how many requests there were so far. */
    int count() {
        return count.get();
    }
}
