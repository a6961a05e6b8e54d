package io.kvasir.tools.server;

import io.kvasir.proto.control.ClusterView;
import io.kvasir.proto.control.RegionEntry;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.range.Range;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Changes the voters of the ranges led here. What decides is the configuration in a range's log:
 *
 * <ol>
 *   <li>If it is settled and not what the range's descriptor says, an entry of the range says so, whoever wanted it;
 *       that entry raises the conf version by one, once.
 *   <li>Else, if the placement driver wants other voters of the range as it is at this conf version, the configuration
 *       is changed: the new replica is brought up to date, then old and new voters decide together, then the new ones
 *       alone. A leader that is to go gives leadership away first; one that is alone takes the new ones in beside it
 *       before.
 *   <li>If what is wanted is what there is, a change was taken back: an entry says so too. From then on nobody acts on
 *       what was wanted before, and what was to be added can go.
 * </ol>
 *
 * Everything is looked at again at each heartbeat and in each new view, so that whoever leads goes on where another
 * ended. Safe for any thread.
 */
final class PeerOrders {

    private final StoreId self;

    /** Ranges of which an entry that says their voters, or a transfer of leadership, is under way. */
    private final Set<RegionId> busy = ConcurrentHashMap.newKeySet();

    /** Replicas that did not take over when they were asked to, until they do: another is asked first. */
    private final Set<ReplicaId> unable = ConcurrentHashMap.newKeySet();

    PeerOrders(StoreId self) {
        this.self = self;
    }

    /** Does the next step of what {@code view}, the newest, wants of the ranges led here. */
    synchronized void follow(ClusterView view, NodeStore store) {
        for (RegionEntry entry : view.regions()) {
            RegionId region = entry.descriptor().id();
            Optional<Range> range = store.ranges().find(region).filter(led -> led.servingTerm() != 0);
            if (range.isPresent() && !busy.contains(region)) {
                store.settledVoters(region).ifPresent(voters -> follow(entry, range.get(), voters, store));
            }
        }
    }

    private void follow(RegionEntry entry, Range range, List<ReplicaId> voters, NodeStore store) {
        RegionDescriptor now = range.descriptor();
        boolean isOfNow =
                entry.descriptor().epoch().confVersion() == now.epoch().confVersion();
        if (!voters.equals(now.voters()) || isOfNow && entry.wanted().equals(voters)) {
            busy.add(now.id());
            range.followVoters(now.epoch().confVersion() + 1, voters, done -> busy.remove(now.id()));
        } else if (isOfNow && !entry.wanted().isEmpty()) {
            change(entry.wanted(), range, voters, store);
        }
    }

    private void change(List<ReplicaId> wanted, Range range, List<ReplicaId> voters, NodeStore store) {
        RegionId region = range.descriptor().id();
        boolean stays = voters.stream().anyMatch(voter -> voter.store().equals(self) && wanted.contains(voter));
        boolean joins = !voters.containsAll(wanted);
        if (!stays && voters.stream().anyMatch(wanted::contains)) {
            giveAway(range, voters, wanted);
        } else if (!joins || !store.isToldOfMore(range)) {
            // Of those that are there none stays: they go when the new ones can lead.
            List<ReplicaId> both = stays
                    ? wanted
                    : Stream.concat(voters.stream(), wanted.stream()).toList();
            store.changeVoters(region, both);
        }
    }

    /**
     * Gives the lead of ranges whose voters are being changed away, because this process is about to end: the placement
     * driver moves no leaders of ranges that change. Whoever leads next goes on with the change.
     */
    synchronized void leave(ClusterView view, NodeStore store) {
        for (RegionEntry entry : view.regions()) {
            RegionId region = entry.descriptor().id();
            Optional<Range> range = store.ranges().find(region).filter(led -> led.servingTerm() != 0);
            if (range.isPresent() && !entry.wanted().isEmpty() && !busy.contains(region)) {
                giveAway(range.get(), range.get().descriptor().voters(), entry.wanted());
            }
        }
    }

    /** Returns whether an entry or a transfer of leadership is under way. */
    boolean isBusy() {
        return !busy.isEmpty();
    }

    private void giveAway(Range range, List<ReplicaId> voters, List<ReplicaId> wanted) {
        RegionId region = range.descriptor().id();
        Optional<ReplicaId> next = voters.stream()
                .filter(voter -> wanted.contains(voter) && !voter.store().equals(self))
                .min(Comparator.comparingInt((ReplicaId voter) -> unable.contains(voter) ? 1 : 0)
                        .thenComparingLong(voter -> range.lag(voter.store())));
        if (next.isPresent()) {
            busy.add(region);
            range.transferLeadership(next.get().store(), done -> {
                busy.remove(region);
                if (done) {
                    unable.remove(next.get());
                } else {
                    unable.add(next.get());
                }
            });
        }
    }
}
