package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.RootType;
import io.kvasir.gateway.type.SortedSetValue;
import java.util.Arrays;

/** A sorted set as an input of ZUNION, ZINTER or ZDIFF, with the factor of its scores. */
record ScoredInput(byte[] key, SortedSetValue zset, double weight) {

    /**
     * Opens {@code key}, perhaps absent.
     *
     * @throws CommandError WRONGTYPE if it holds another type
     */
    static ScoredInput open(Keyspace keyspace, byte[] key, double weight) throws CommandError {
        Entry entry = keyspace.open(key);
        entry.require(RootType.ZSET);
        return new ScoredInput(key, SortedSetValue.open(keyspace, key), weight);
    }

    long size() {
        return zset.size();
    }

    /** Returns the score of {@code member} before it is weighed, NaN if it is not there. */
    double score(byte[] member) {
        return zset.score(member);
    }

    /** Visits all members with their scores before they are weighed. */
    void forEach(SortedSetValue.Visitor visitor) {
        zset.visit(0, false, visitor);
    }

    /** Returns whether both are one key. */
    boolean isSame(ScoredInput other) {
        return Arrays.equals(key, other.key);
    }
}
