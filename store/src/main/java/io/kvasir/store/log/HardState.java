package io.kvasir.store.log;

import io.kvasir.proto.id.ReplicaId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a raft replica must never forget: its newest term and its vote in it.
 *
 * @param term at least 0; 0 before the first election
 * @param vote the replica voted for in {@code term}; null if none
 */
public record HardState(long term, @Nullable ReplicaId vote) {

    /** The state of a replica that has seen nothing yet. */
    public static final HardState NONE = new HardState(0, null);

    public HardState {
        if (term < 0) {
            throw new IllegalArgumentException("term " + term + " is negative");
        }
    }

    /** Returns the replica voted for in this term, if any. */
    public Optional<ReplicaId> votedFor() {
        return Optional.ofNullable(vote);
    }

    /**
     * Returns the state after {@code next} is learned too: the newer term wins; in one term a vote once given stays.
     *
     * @throws IllegalArgumentException if {@code next} is of an older term, or votes a second time in the same term
     */
    HardState advance(HardState next) {
        if (next.term < term) {
            throw new IllegalArgumentException("term would go back from " + term + " to " + next.term);
        }
        if (next.term > term || vote == null) {
            return next;
        }
        if (next.vote != null && !next.vote.equals(vote)) {
            throw new IllegalArgumentException("second vote in term " + term + ": " + vote + ", then " + next.vote);
        }
        return this;
    }
}
