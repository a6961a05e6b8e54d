package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.type.ScoredMember;
import io.kvasir.gateway.type.SortedSetValue;
import java.util.List;

/**
 * What ZRANGE and its relatives select: {@code min max [BYSCORE|BYLEX] [REV] [LIMIT offset count] [WITHSCORES]} (redis
 * t_zset.c, zrangeGenericCommand).
 *
 * @param limit most members, negative for all
 */
record RangeQuery(Interval interval, boolean reverse, long offset, long limit, boolean withScores) {

    private static final CommandError LIMIT_OF_RANKS =
            new CommandError("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
    private static final CommandError SCORES_OF_LEX =
            new CommandError("ERR syntax error, WITHSCORES not supported in combination with BYLEX");

    /** What a range is said by. */
    enum By {
        ANY,
        RANK,
        SCORE,
        LEX
    }

    /** Which way it is read. */
    enum Direction {
        ANY,
        FORWARD,
        REVERSE
    }

    /**
     * Reads the words from {@code min} on.
     *
     * @param by what the command's name says, {@link By#ANY} if an option may
     * @param scores whether WITHSCORES may be given
     */
    static RangeQuery parse(Arguments arguments, By by, Direction direction, boolean scores) throws CommandError {
        byte[] first = arguments.next();
        byte[] second = arguments.next();
        By said = by;
        boolean reverse = direction == Direction.REVERSE;
        boolean withScores = false;
        long offset = 0;
        long limit = -1;
        while (arguments.hasNext()) {
            if (scores && arguments.accept("WITHSCORES")) {
                withScores = true;
            } else if (arguments.remaining() > 2 && arguments.accept("LIMIT")) {
                offset = arguments.nextLong();
                limit = arguments.nextLong();
            } else if (direction == Direction.ANY && !reverse && arguments.accept("REV")) {
                reverse = true;
            } else if (said == By.ANY && arguments.accept("BYLEX")) {
                said = By.LEX;
            } else if (said == By.ANY && arguments.accept("BYSCORE")) {
                said = By.SCORE;
            } else {
                throw CommandError.SYNTAX;
            }
        }
        boolean ranks = said == By.ANY || said == By.RANK;
        if (limit != -1 && ranks) {
            throw LIMIT_OF_RANKS;
        }
        if (withScores && said == By.LEX) {
            throw SCORES_OF_LEX;
        }
        boolean swapped = reverse && !ranks;
        Interval interval = interval(said, swapped ? second : first, swapped ? first : second);
        return new RangeQuery(interval, reverse, ranks ? 0 : offset, limit, withScores);
    }

    private static Interval interval(By by, byte[] min, byte[] max) throws CommandError {
        return switch (by) {
            case ANY, RANK -> Interval.ByRank.parse(min, max);
            case SCORE -> Interval.ByScore.parse(min, max);
            case LEX -> Interval.ByMember.parse(min, max);
        };
    }

    /** Returns the members selected, in the order asked for. */
    List<ScoredMember> of(SortedSetValue zset) {
        if (offset < 0 || zset.size() == 0) {
            return List.of();
        }
        Interval.Ranks ranks = reverse && interval instanceof Interval.ByRank byRank
                ? byRank.ranksReversed(zset)
                : interval.ranks(zset);
        if (ranks.length() <= offset || limit == 0) {
            return List.of();
        }
        long left = ranks.length() - offset;
        long length = limit < 0 ? left : Math.min(left, limit);
        long from = reverse ? zset.size() - ranks.from() - ranks.length() : ranks.from();
        return zset.slice(from + offset, length, reverse);
    }
}
