package io.kvasir.gateway.server;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.proto.time.Timestamp;
import java.util.function.LongUnaryOperator;

/** The time that AT names. Stateless. */
final class ReadTime {

    /** Numbers from here on are whole timestamps: milliseconds fit below. */
    private static final long TIMESTAMP_MIN = 1L << 46;

    private static final CommandError BAD_TIME = new CommandError(
            "ERR the time to read at is milliseconds since the Unix epoch, -milliseconds ago, or a whole timestamp");

    private ReadTime() {}

    /**
     * Returns what makes the timestamp that {@code word} names of the newest one.
     *
     * @throws CommandError if it names none
     */
    static LongUnaryOperator parse(byte[] word) throws CommandError {
        if (!NumberText.isLong(word)) {
            throw BAD_TIME;
        }
        long number = NumberText.toLong(word);
        boolean ago = word[0] == '-';
        if (number >= TIMESTAMP_MIN) {
            return _ -> number;
        }
        if (ago) {
            return newest -> Timestamp.of(Math.max(0, Timestamp.millis(newest) + Math.max(number, -TIMESTAMP_MIN)), 0);
        }
        return _ -> Timestamp.of(number, 0);
    }
}
