package io.kvasir.store.log;

/** What a process does when its log engine can no longer be trusted. Called once per engine, by the thread that failed. */
@FunctionalInterface
public interface FaultHandler {

    /** Called after the engine has refused all further work and before any waiter learns of it. Must not wait. */
    void onFault(LogFault fault);
}
