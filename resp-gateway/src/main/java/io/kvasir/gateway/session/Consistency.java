package io.kvasir.gateway.session;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * What a connection asks of its reads: see {@code docs/consistency.md}. Writes, transactions, scripts and reads over
 * several ranges are always strict. Immutable.
 *
 * @param level how much of what others wrote a read must show
 * @param boundMillis for {@link Level#BOUNDED}: what was acknowledged longer ago than this is shown
 */
public record Consistency(Level level, long boundMillis) {

    /** The levels, the strongest first. */
    public enum Level {
        STRICT,
        SESSION,
        BOUNDED,
        STALE
    }

    public static final Consistency STRICT = new Consistency(Level.STRICT, 0);

    private static final long BOUND_MILLIS_MAX = TimeUnit.DAYS.toMillis(1);

    private static final CommandError BAD_LEVEL =
            new CommandError("ERR consistency is one of strict, session, bounded <milliseconds>, stale");
    private static final CommandError BAD_BOUND =
            new CommandError("ERR the bound of a read is 1 to " + BOUND_MILLIS_MAX + " milliseconds");

    /** Reads the words that name a level. */
    static Consistency parse(Arguments arguments) throws CommandError {
        for (Level level : Level.values()) {
            if (arguments.accept(level.name())) {
                long bound = level == Level.BOUNDED ? arguments.nextLong(1, BOUND_MILLIS_MAX, BAD_BOUND) : 0;
                arguments.end();
                return new Consistency(level, bound);
            }
        }
        throw BAD_LEVEL;
    }

    /** Returns the words that name this. */
    Reply reply() {
        List<Reply> words = new ArrayList<>();
        words.add(Reply.bulk(level.name().toLowerCase(Locale.ROOT)));
        if (level == Level.BOUNDED) {
            words.add(Reply.of(boundMillis));
        }
        return Reply.array(words);
    }

    /**
     * Returns the instant with which a replica must be level to answer a read that begins now.
     *
     * @param settledNanos an instant before which all was acknowledged that the session has seen or done elsewhere
     */
    public OptionalLong since(long nowNanos, long settledNanos) {
        return switch (level) {
            case STRICT -> OptionalLong.of(nowNanos);
            case SESSION -> OptionalLong.of(settledNanos);
            case BOUNDED -> OptionalLong.of(nowNanos - TimeUnit.MILLISECONDS.toNanos(boundMillis));
            case STALE -> OptionalLong.empty();
        };
    }
}
