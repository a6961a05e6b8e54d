package io.kvasir.store.log;

/**
 * What a process does when its log engine can no longer be trusted. Called once per engine, by the thread that failed.
 */
@FunctionalInterface
public interface FaultHandler {

    /** Called after the engine has refused all further work and before any waiter learns of it. Must not wait. */
    void onFault(LogFault fault);

    /** Exit status of a process that {@link #halting} stopped. */
    int EXIT_STATUS = 74;

    /**
     * Returns the handler of production: it halts the process at once, running no shutdown hook, since any more work
     * could acknowledge what is not durable. The fault is printed to standard error if that takes less than
     * {@value #PRINT_MILLIS_MAX} ms, because the disk that failed may be the one the output goes to.
     */
    static FaultHandler halting() {
        return fault -> {
            Thread printer = Thread.ofPlatform().daemon().start(fault::printStackTrace);
            try {
                printer.join(PRINT_MILLIS_MAX);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                Runtime.getRuntime().halt(EXIT_STATUS);
            }
        };
    }

    /** Longest time for which {@link #halting} waits before it halts, in milliseconds. */
    long PRINT_MILLIS_MAX = 300;
}
