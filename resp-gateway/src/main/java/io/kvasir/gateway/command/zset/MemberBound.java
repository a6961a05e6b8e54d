package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.command.CommandError;
import java.util.Arrays;

/** One end of a range of members: {@code [m}, {@code (m}, {@code -} or {@code +} (redis t_zset.c, zslParseLexRange). */
sealed interface MemberBound {

    CommandError INVALID = new CommandError("ERR min or max not valid string range item");

    /** Before all members. */
    record First() implements MemberBound {}

    /** Behind all members. */
    record Last() implements MemberBound {}

    /** At a member, or just past it. */
    record At(byte[] member, boolean exclusive) implements MemberBound {}

    static MemberBound parse(byte[] text) throws CommandError {
        if (text.length == 0) {
            throw INVALID;
        }
        boolean alone = text.length == 1 || text[1] == 0;
        return switch (text[0]) {
            case '-' -> requireAlone(alone, new First());
            case '+' -> requireAlone(alone, new Last());
            case '(', '[' -> new At(Arrays.copyOfRange(text, 1, text.length), text[0] == '(');
            default -> throw INVALID;
        };
    }

    private static MemberBound requireAlone(boolean alone, MemberBound bound) throws CommandError {
        if (!alone) {
            throw INVALID;
        }
        return bound;
    }
}
