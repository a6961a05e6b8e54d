package io.kvasir.region.raft;

import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The voters of a group as of one entry of its log. While they are being changed there are two sets, and whatever needs
 * a quorum needs one of each (Raft §6, joint consensus).
 *
 * @param index log index of the entry that says so, 0 for the initial voters
 * @param voters the voters, the new ones in a joint configuration
 * @param oldVoters the voters before, in a joint configuration; else empty
 */
record Membership(long index, Set<ReplicaId> voters, Set<ReplicaId> oldVoters) {

    Membership {
        voters = Set.copyOf(voters);
        oldVoters = Set.copyOf(oldVoters);
    }

    static Membership initial(Collection<ReplicaId> voters) {
        return new Membership(0, Set.copyOf(voters), Set.of());
    }

    /** Returns whether {@code self} alone decides everything. */
    boolean isOnly(ReplicaId self) {
        return oldVoters.isEmpty() && voters.size() == 1 && voters.contains(self);
    }

    /** Returns whether {@code replica} votes, in each of the two sets if there are two. */
    boolean votesInAll(ReplicaId replica) {
        return voters.contains(replica) && (oldVoters.isEmpty() || oldVoters.contains(replica));
    }

    /** Returns whether {@code replica} votes in either set. */
    boolean votes(ReplicaId replica) {
        return voters.contains(replica) || oldVoters.contains(replica);
    }

    /** Returns the stores of those that vote in either set. */
    Set<StoreId> stores() {
        Set<StoreId> stores = new HashSet<>();
        voters.forEach(voter -> stores.add(voter.store()));
        oldVoters.forEach(voter -> stores.add(voter.store()));
        return stores;
    }

    /** Returns every replica that votes in either set, ordered. */
    Set<ReplicaId> all() {
        Set<ReplicaId> all = new TreeSet<>(voters);
        all.addAll(oldVoters);
        return all;
    }

    /** Returns those on {@code store} that vote in either set: two, while one takes the place of the other. */
    List<ReplicaId> on(StoreId store) {
        return all().stream().filter(replica -> replica.store().equals(store)).toList();
    }

    /** Returns whether those that pass {@code test} are a quorum of each set. */
    boolean quorum(Predicate<ReplicaId> test) {
        return quorumOf(voters, test) && (oldVoters.isEmpty() || quorumOf(oldVoters, test));
    }

    /**
     * Returns the newest instant that a quorum of each set has reached.
     *
     * @param instants nanoseconds of a monotonic clock, by replica; who is missing has reached none
     * @return null if there is no such instant
     */
    @Nullable
    Long quorumInstant(Map<ReplicaId, Long> instants) {
        Long now = quorumInstantOf(voters, instants);
        if (now == null || oldVoters.isEmpty()) {
            return now;
        }
        Long old = quorumInstantOf(oldVoters, instants);
        return old == null || old - now < 0 ? old : now;
    }

    private static boolean quorumOf(Set<ReplicaId> set, Predicate<ReplicaId> test) {
        return set.stream().filter(test).count() > set.size() / 2;
    }

    private static @Nullable Long quorumInstantOf(Set<ReplicaId> set, Map<ReplicaId, Long> instants) {
        List<Long> reached = new ArrayList<>();
        for (ReplicaId replica : set) {
            Long instant = instants.get(replica);
            if (instant != null) {
                reached.add(instant);
            }
        }
        int needed = set.size() / 2 + 1;
        if (reached.size() < needed) {
            return null;
        }
        // By difference, because the clock may wrap around.
        reached.sort((left, right) -> Long.signum(right - left));
        return reached.get(needed - 1);
    }
}
