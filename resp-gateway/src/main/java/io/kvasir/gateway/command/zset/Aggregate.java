package io.kvasir.gateway.command.zset;

/** How the scores that one member has in several inputs become one (redis t_zset.c, zunionInterAggregate). */
enum Aggregate {
    SUM,
    MIN,
    MAX;

    /** Returns {@code score} weighed; 0 times an infinity counts as 0. */
    static double weigh(double weight, double score) {
        double weighed = weight * score;
        return Double.isNaN(weighed) ? 0 : weighed;
    }

    /** Returns the score of both together; the sum of both infinities is 0. */
    double of(double one, double other) {
        return switch (this) {
            case SUM -> Double.isNaN(one + other) ? 0 : one + other;
            case MIN -> other < one ? other : one;
            case MAX -> other > one ? other : one;
        };
    }
}
