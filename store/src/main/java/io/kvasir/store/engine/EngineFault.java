package io.kvasir.store.engine;

/** An I/O error or a checksum failure of the engine. The store stops: nothing is retried on a disk that failed. */
public final class EngineFault extends RuntimeException {

    private static final long serialVersionUID = 1;

    public EngineFault(String message) {
        super(message);
    }

    public EngineFault(String message, Throwable cause) {
        super(message, cause);
    }
}
