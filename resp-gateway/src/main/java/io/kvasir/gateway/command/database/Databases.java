package io.kvasir.gateway.command.database;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;

/** The databases that a client can select. */
public final class Databases {

    /** Number of databases: Redis' default for {@code databases}. */
    public static final int COUNT = 16;

    /**
     * A database that no client can select: it holds what the server keeps for all clients. Its instance is the last
     * but one that belongs to the database of its own number, and is never mapped elsewhere.
     */
    public static final int SYSTEM = 65_534;

    /** The answer to copying or moving a key onto itself. */
    public static final CommandError SAME_OBJECT = new CommandError("ERR source and destination objects are the same");

    private static final CommandError NO_SUCH_DATABASE = new CommandError("ERR DB index is out of range");

    private static final CommandError NOT_AN_INT = new CommandError(
            "ERR value is out of range, value must between " + Integer.MIN_VALUE + " and " + Integer.MAX_VALUE);

    private Databases() {}

    /**
     * Returns the number of a database.
     *
     * @throws CommandError if {@code text} is no integer, or no database has this number
     */
    public static int parse(byte[] text) throws CommandError {
        long number = NumberText.parseLong(text);
        if (number != (int) number) {
            throw NOT_AN_INT;
        }
        if (number < 0 || number >= COUNT) {
            throw NO_SUCH_DATABASE;
        }
        return (int) number;
    }
}
