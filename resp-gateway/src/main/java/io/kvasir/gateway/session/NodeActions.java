package io.kvasir.gateway.session;

/**
 * What clients may have the whole node do.
 *
 * @param flush writes what the engine holds in memory to its files; may take long, and needs a thread that may wait
 * @param stop begins to stop the process, as SIGTERM does: leaders leave first; returns at once
 */
public record NodeActions(Runnable flush, Runnable stop) {}
