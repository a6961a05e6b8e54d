package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.RootType;
import io.kvasir.gateway.type.SetValue;
import io.kvasir.gateway.type.SortedSetValue;

/** A sorted set or a set as an input of ZUNION, ZINTER or ZDIFF; the members of a set have the score 1. */
sealed interface ScoredInput {

    /** Returns the user key. */
    byte[] key();

    /** Returns by what the scores are multiplied. */
    double weight();

    long size();

    /** Returns the score of {@code member} before it is weighed, NaN if it is not there. */
    double score(byte[] member);

    /** Visits all members with their scores before they are weighed. */
    void forEach(SortedSetValue.Visitor visitor);

    /**
     * Opens {@code key}, perhaps absent.
     *
     * @throws CommandError WRONGTYPE if it holds another type
     */
    static ScoredInput open(Keyspace keyspace, byte[] key, double weight) throws CommandError {
        Entry entry = keyspace.open(key);
        return entry.exists() && entry.root().type() == RootType.SET
                ? new OfSet(key, SetValue.open(keyspace, key), weight)
                : new OfSortedSet(key, SortedSetValue.open(keyspace, key), weight);
    }

    /** A sorted set. */
    record OfSortedSet(byte[] key, SortedSetValue zset, double weight) implements ScoredInput {

        @Override
        public long size() {
            return zset.size();
        }

        @Override
        public double score(byte[] member) {
            return zset.score(member);
        }

        @Override
        public void forEach(SortedSetValue.Visitor visitor) {
            zset.visit(0, false, visitor);
        }
    }

    /** A set. */
    record OfSet(byte[] key, SetValue set, double weight) implements ScoredInput {

        @Override
        public long size() {
            return set.size();
        }

        @Override
        public double score(byte[] member) {
            return set.contains(member) ? 1 : Double.NaN;
        }

        @Override
        public void forEach(SortedSetValue.Visitor visitor) {
            set.forEach(member -> visitor.visit(member, 1));
        }
    }
}
