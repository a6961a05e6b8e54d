package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.type.SortedSetValue;

/** A part of a sorted set that has no gaps, said by numbers, scores or members. Immutable. */
sealed interface Interval {

    /**
     * The members from number {@code from} on.
     *
     * @param length 0 or less for none
     */
    record Ranks(long from, long length) {}

    /** Returns which members of {@code zset}, counted from its start, these are. */
    Ranks ranks(SortedSetValue zset);

    /** By numbers from 0; negative ones count from the end, both inclusive. */
    record ByRank(long start, long stop) implements Interval {

        static ByRank parse(byte[] start, byte[] stop) throws CommandError {
            return new ByRank(NumberText.parseLong(start), NumberText.parseLong(stop));
        }

        @Override
        public Ranks ranks(SortedSetValue zset) {
            long size = zset.size();
            long from = Math.clamp(start < 0 ? start + size : start, 0, size);
            long last = Math.clamp(stop < 0 ? stop + size : stop, -1, size - 1);
            return new Ranks(from, last - from + 1);
        }

        /** Returns the members that have these numbers from the end. */
        Ranks ranksReversed(SortedSetValue zset) {
            Ranks ranks = ranks(zset);
            return new Ranks(zset.size() - ranks.from() - ranks.length(), ranks.length());
        }
    }

    /** By scores. */
    record ByScore(ScoreBound min, ScoreBound max) implements Interval {

        static ByScore parse(byte[] min, byte[] max) throws CommandError {
            return new ByScore(ScoreBound.parse(min), ScoreBound.parse(max));
        }

        @Override
        public Ranks ranks(SortedSetValue zset) {
            long from = zset.size() == 0 ? 0 : zset.countBelow(min.score(), min.exclusive());
            long to = zset.size() == 0 ? 0 : zset.countBelow(max.score(), !max.exclusive());
            return new Ranks(from, to - from);
        }
    }

    /** By members, of which all have one score. */
    record ByMember(MemberBound min, MemberBound max) implements Interval {

        static ByMember parse(byte[] min, byte[] max) throws CommandError {
            return new ByMember(MemberBound.parse(min), MemberBound.parse(max));
        }

        @Override
        public Ranks ranks(SortedSetValue zset) {
            long from = countBelow(zset, min, false);
            return new Ranks(from, countBelow(zset, max, true) - from);
        }

        private static long countBelow(SortedSetValue zset, MemberBound bound, boolean isEnd) {
            return switch (bound) {
                case MemberBound.First() -> 0;
                case MemberBound.Last() -> zset.size();
                case MemberBound.At(byte[] member, boolean exclusive) -> zset.countBelow(member, isEnd != exclusive);
            };
        }
    }
}
