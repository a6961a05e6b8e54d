package io.kvasir.tools.launch;

/** A command that cannot be carried out. The message is what the user sees, normally one line. */
public final class LaunchException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String line;

    /** @param message what is wrong and the way round */
    public LaunchException(String message) {
        super(message);
        line = message;
    }

    @Override
    public String getMessage() {
        return line;
    }
}
