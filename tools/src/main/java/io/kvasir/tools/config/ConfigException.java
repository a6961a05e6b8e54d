package io.kvasir.tools.config;

/** A configuration that cannot be used. The message is one line for the person who wrote it. */
public final class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String line;

    /** @param message what is wrong, where, and what would be right */
    public ConfigException(String message) {
        super(message);
        line = message;
    }

    @Override
    public String getMessage() {
        return line;
    }
}
