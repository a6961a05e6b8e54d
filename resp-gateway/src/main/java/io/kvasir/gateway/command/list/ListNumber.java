package io.kvasir.gateway.command.list;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;

/** Numbers whose error is the same whether they are none or out of range (redis object.c). Stateless. */
final class ListNumber {

    /** Redis 7.2 on numbers that cannot be negated; 7.0 takes them. */
    static final CommandError OUT_OF_LONG = new CommandError(
            "ERR value is out of range, value must between " + -Long.MAX_VALUE + " and " + Long.MAX_VALUE);

    private ListNumber() {}

    /**
     * Returns the number that {@code text} is, at least {@code least}.
     *
     * @throws CommandError {@code wrong} if it is none or less
     */
    static long parse(byte[] text, long least, CommandError wrong) throws CommandError {
        if (!NumberText.isLong(text) || NumberText.toLong(text) < least) {
            throw wrong;
        }
        return NumberText.toLong(text);
    }
}
