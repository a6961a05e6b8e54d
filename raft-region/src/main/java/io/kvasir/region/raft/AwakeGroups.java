package io.kvasir.region.raft;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Predicate;

/**
 * The groups of a store that its clock looks after. An idle group sleeps: its lease is not renewed, nobody asks whether
 * it needs an election, and it sends nothing but the back-stop heartbeats of SOFAJRaft. Use wakes it: a proposal, a
 * read, a log request, a vote, a change of members, the loss or the return of a link; and the clock wakes it when the
 * store of its leader falls silent, for what is watched is stores, not groups. A leader that wakes has no lease and
 * needs a majority before it answers a read.
 *
 * <p>Whoever wakes a group has noted its use before, and the clock looks for use again after it has put a group to
 * sleep, so that no use is missed. Safe for any thread; only the clock thread puts to sleep.
 */
final class AwakeGroups {

    private final ConcurrentMap<RegionId, JRaftGroup> groups;
    private final Set<JRaftGroup> awake = ConcurrentHashMap.newKeySet();

    /** @param groups all groups of the store */
    AwakeGroups(ConcurrentMap<RegionId, JRaftGroup> groups) {
        this.groups = groups;
    }

    /** Returns those awake; weakly consistent. */
    Iterable<JRaftGroup> all() {
        return awake;
    }

    int count() {
        return awake.size();
    }

    void wake(JRaftGroup group) {
        group.asleep(false);
        awake.add(group);
    }

    /** Wakes the groups that have a replica on {@code store}. */
    void wakeThoseOn(StoreId store) {
        for (JRaftGroup group : groups.values()) {
            if (group.lease().membership().stores().contains(store)) {
                group.used();
            }
        }
    }

    void forget(JRaftGroup group) {
        awake.remove(group);
    }

    /**
     * Puts those to sleep that {@code mayRest} and wakes those that may not any more. Called by the clock thread once a
     * second and when a store falls silent; for a group that sleeps on this is all that is done.
     */
    void settle(Predicate<JRaftGroup> mayRest) {
        for (JRaftGroup group : groups.values()) {
            if (!mayRest.test(group)) {
                if (group.isAsleep()) {
                    wake(group);
                }
            } else if (awake.remove(group)) {
                group.asleep(true);
                if (!mayRest.test(group)) {
                    wake(group);
                }
            }
        }
    }
}
