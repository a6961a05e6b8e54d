package io.kvasir.gateway.command;

import io.kvasir.proto.reply.Reply;

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

    /** Makes a command of its arguments. */
    @FunctionalInterface
    interface Parser {

        RangeCommand parse(Arguments arguments) throws CommandError;
    }
}
