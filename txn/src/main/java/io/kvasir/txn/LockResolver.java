package io.kvasir.txn;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.KeyLock;
import io.kvasir.region.range.LockWatch;
import io.kvasir.txn.percolator.Decide;
import io.kvasir.txn.percolator.Resolve;
import io.kvasir.txn.percolator.TxnLock;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Resolves locks that stand in the way of commands: asks the primary what became of the transaction, which rolls it
 * back if its time is up, and does in the range of the lock what the answer says. As long as the transaction may still
 * be at work, nothing happens; the range asks again while somebody waits.
 *
 * <p>Safe for any thread; never waits. At most one resolution of a transaction in a range is under way.
 */
final class LockResolver implements LockWatch.Resolver {

    private record Underway(long region, long owner) {}

    private final Participants participants;
    private final Set<Underway> underway = ConcurrentHashMap.newKeySet();

    LockResolver(Participants participants) {
        this.participants = participants;
    }

    @Override
    public void met(RegionDescriptor region, KeyLock lock) {
        Underway key = new Underway(region.id().value(), lock.owner());
        if (!underway.add(key)) {
            return;
        }
        byte[] primary = TxnLock.of(lock).primary();
        RouteTable routes = participants.routes();
        RegionDescriptor home = routes.find(primary);
        // As it is known here, not as it knows itself: if that is old, the refusal tells what is new.
        RegionDescriptor place = routes.find(lock.stem());
        Decide check = new Decide(Decide.Kind.CHECK, lock.owner(), primary, 0);
        CompletableFuture<Void> unused = participants.call(home, check).thenAccept(reply -> {
            if (reply instanceof Reply.Int(long fate)
                    && fate != Decide.ALIVE
                    && !home.id().equals(place.id())) {
                Resolve resolve = new Resolve(lock.owner(), fate == Decide.GONE ? 0 : fate);
                CompletableFuture<Void> unusedToo =
                        participants.call(place, resolve).thenAccept(_ -> underway.remove(key));
            } else {
                underway.remove(key);
            }
        });
    }
}
