package io.kvasir.gateway.command.list;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;

/** Numbers whose error is the same whether they are none or out of range (redis object.c). Stateless. */
final class ListNumber {

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
