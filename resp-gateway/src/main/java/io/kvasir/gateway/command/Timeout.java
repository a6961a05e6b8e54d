package io.kvasir.gateway.command;

/** How long a client is ready to wait, as commands say it (redis timeout.c, getTimeoutFromObjectOrReply). Stateless. */
public final class Timeout {

    private static final CommandError NO_FLOAT = new CommandError("ERR timeout is not a float or out of range");
    private static final CommandError NO_INTEGER = new CommandError("ERR timeout is not an integer or out of range");
    private static final CommandError NEGATIVE = new CommandError("ERR timeout is negative");

    /** From here on a number of ms is more than 64 bits hold. */
    private static final double MILLIS_END = 0x1p63;

    private Timeout() {}

    /**
     * Returns the ms in {@code word}, seconds as a float; 0 for ever. What is too large counts as negative, as in Redis
     * 7.0.
     */
    public static long seconds(byte[] word) throws CommandError {
        double seconds;
        try {
            seconds = NumberText.parseDouble(word);
        } catch (CommandError none) {
            throw NO_FLOAT;
        }
        double millis = Math.ceil(seconds * 1000);
        if (millis < 0 || millis >= MILLIS_END) {
            throw NEGATIVE;
        }
        return (long) millis;
    }

    /** Returns the ms in {@code word}, an integer of them; 0 for ever. */
    public static long millis(byte[] word) throws CommandError {
        if (!NumberText.isLong(word)) {
            throw NO_INTEGER;
        }
        long millis = NumberText.toLong(word);
        if (millis < 0) {
            throw NEGATIVE;
        }
        return millis;
    }
}
