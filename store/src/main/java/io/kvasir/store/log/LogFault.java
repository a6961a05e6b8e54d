package io.kvasir.store.log;

/**
 * An I/O error of the log engine. What was being written is neither surely lost nor surely kept; the engine refuses all
 * further work and the process stops: nothing is retried on a disk that failed.
 */
public final class LogFault extends RuntimeException {

    private static final long serialVersionUID = 1;

    public LogFault(String message, Throwable cause) {
        super(message, cause);
    }
}
