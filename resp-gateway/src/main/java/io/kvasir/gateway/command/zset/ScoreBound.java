package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;
import java.util.Arrays;

/**
 * One end of a range of scores: {@code 1.5}, or {@code (1.5} without the score itself (redis t_zset.c, zslParseRange).
 */
record ScoreBound(double score, boolean exclusive) {

    private static final CommandError NOT_A_FLOAT = new CommandError("ERR min or max is not a float");

    /** Reads what C's strtod takes for a number, up to the first byte 00. */
    static ScoreBound parse(byte[] text) throws CommandError {
        boolean exclusive = text.length > 0 && text[0] == '(';
        double score = NumberText.strtod(exclusive ? Arrays.copyOfRange(text, 1, text.length) : text);
        if (Double.isNaN(score)) {
            throw NOT_A_FLOAT;
        }
        return new ScoreBound(score, exclusive);
    }
}
