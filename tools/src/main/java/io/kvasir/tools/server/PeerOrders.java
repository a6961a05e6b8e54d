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

/**
 * Changes the voters of the ranges led here. What decides is the configuration in a range's log:
 *
 * <ol>
 *   <li>If it is settled and not what the range's descriptor says, an entry of the range says so, whoever wanted it;
 *       that entry raises the conf version by one, once.
 *   <li>Else, if the placement driver wants other voters of the range as it is at this conf version, the configuration
 *       is changed: the new replica is brought up to date, then old and new voters decide together, then the new ones
 *       alone. A leader that is to go gives leadership away first.
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
        if (!stays) {
            Optional<ReplicaId> next = voters.stream()
                    .filter(wanted::contains)
                    .min(Comparator.comparingLong(voter -> range.lag(voter.store())));
            if (next.isPresent()) {
                busy.add(region);
                range.transferLeadership(next.get().store(), done -> busy.remove(region));
            }
        } else if (!joins || !store.isToldOfMore(range)) {
            store.changeVoters(region, wanted);
        }
    }
}
