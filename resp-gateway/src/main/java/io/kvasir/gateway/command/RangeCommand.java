package io.kvasir.gateway.command;

import io.kvasir.proto.reply.Reply;
import java.util.Optional;

/**
 * A command over the whole database, with its arguments parsed, that asks range by range: DBSIZE, SCAN, KEYS,
 * RANDOMKEY, FLUSHDB, FLUSHALL. It runs on a virtual thread and may wait.
 */
public interface RangeCommand {

    /** Returns the command's row. */
    CommandSpec spec();

    /**
     * Runs the command.
     *
     * @throws CommandError if the answer is an error
     */
    Reply run(Ranges ranges) throws CommandError;

    /**
     * Returns the arguments of a part that, run in every range alike, is the whole command and answers OK; empty if
     * there is more to it. May wait, and asks for what the part needs each time it is called.
     *
     * @throws CommandError if what it needs cannot be had
     */
    default Optional<byte[][]> inEachRange() throws CommandError {
        return Optional.empty();
    }

    /** Makes a command of its arguments. */
    @FunctionalInterface
    interface Parser {

        RangeCommand parse(Arguments arguments) throws CommandError;
    }
}
