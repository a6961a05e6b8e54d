package io.kvasir.store.log;

import java.nio.file.Path;

/**
 * A log whose bytes are not what was written: acknowledged records are damaged, not merely the tail of an interrupted
 * write (rule K25). The store must not start; its replicas rejoin under new incarnations.
 */
public final class LogCorruption extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient Path file;
    private final long offset;

    public LogCorruption(Path file, long offset, String what) {
        super(what + ", file=" + file + ", offset=" + offset);
        this.file = file;
        this.offset = offset;
    }

    /** Returns the damaged segment. */
    public Path file() {
        return file;
    }

    /** Returns the byte in {@link #file} at which the first bad record begins. */
    public long offset() {
        return offset;
    }
}
