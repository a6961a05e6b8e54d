package io.kvasir.txn;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.key.OwnedKey;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.KeyLock;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.RangeTable;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import io.kvasir.txn.percolator.Decide;
import io.kvasir.txn.percolator.Percolator;
import io.kvasir.txn.percolator.Resolve;
import io.kvasir.txn.percolator.TxnLock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clears up behind transactions over several ranges, in the ranges led by this store: resolves the locks whose
 * transactions are not at work any more, although nobody waits for them, and forgets old fates (rule K6). A rollback is
 * forgotten by its age, in the oracle's time and by the range itself: nothing so old can lock any more, and without a
 * lock nothing commits. A commit is forgotten once all keys it lists are resolved.
 *
 * <p>Called by one thread, which may wait for the disk; only the count of calls under way is shared.
 */
public final class TransactionSweeper {

    /** How often it is to be called, ms. */
    public static final int SWEEP_MILLIS = 5_000;

    /** Transactions whose locks one sweep resolves in one range. */
    static final int OWNERS_MAX = 256;

    /** Fates looked at in one sweep. */
    static final int FATES_MAX = 8_192;

    /** Fates that are being collected at one time. */
    static final int CALLS_MAX = 64;

    private static final byte[] UNBOUNDED = new byte[0];

    private final Engine engine;
    private final RangeTable ranges;
    private final TimestampSource time;
    private final LockResolver resolver;
    private final Participants participants;
    private final AtomicInteger underWay = new AtomicInteger();

    /** The newest time a sweep was given, ms since the Unix epoch. */
    private volatile long nowMillis;

    /** Where the next sweep goes on among the fates. */
    private byte[] next = UNBOUNDED;

    TransactionSweeper(
            Engine engine, RangeTable ranges, TimestampSource time, LockResolver resolver, Participants participants) {
        this.engine = engine;
        this.ranges = ranges;
        this.time = time;
        this.resolver = resolver;
        this.participants = participants;
    }

    /** Sweeps once. Without locks or fates it returns at once; else it fetches a timestamp and begins the work. */
    public void sweep() {
        List<Range> led =
                ranges.all().stream().filter(range -> range.servingTerm() != 0).toList();
        boolean locked = led.stream().anyMatch(range -> !range.locksByOwner(1).isEmpty());
        if (!locked && !hasFates()) {
            return;
        }
        time.fetch(timestamp -> {
            if (timestamp != TimestampSource.UNAVAILABLE) {
                nowMillis = Timestamp.millis(timestamp);
            }
        });
        led.forEach(this::resolveLocks);
        collectFates(led);
    }

    private boolean hasFates() {
        try (Engine.Cursor fates = engine.cursor(Family.FATE, UNBOUNDED, UNBOUNDED, false, false)) {
            return fates.next();
        }
    }

    private void resolveLocks(Range range) {
        for (KeyLock lock : range.locksByOwner(OWNERS_MAX)) {
            if (TxnLock.of(lock).isExpired(nowMillis)) {
                resolver.met(range.descriptor(), lock);
            }
        }
    }

    private void collectFates(List<Range> led) {
        int looked = 0;
        try (Engine.Cursor fates = engine.cursor(Family.FATE, next, UNBOUNDED, false, false)) {
            while (fates.next()) {
                byte[] key = fates.key();
                if (looked++ == FATES_MAX || underWay.get() >= CALLS_MAX) {
                    next = key;
                    return;
                }
                long start = OwnedKey.ownerOf(key);
                if (Timestamp.millis(start) + Percolator.FATE_KEPT_MILLIS <= nowMillis) {
                    byte[] primary = OwnedKey.stemOf(key);
                    regionOf(led, primary).ifPresent(region -> collect(region, start, primary));
                }
            }
        }
        next = UNBOUNDED;
    }

    private static Optional<RegionDescriptor> regionOf(List<Range> led, byte[] stem) {
        return led.stream()
                .map(Range::descriptor)
                .filter(region -> region.contains(stem))
                .findFirst();
    }

    private void collect(RegionDescriptor region, long start, byte[] primary) {
        underWay.incrementAndGet();
        CompletableFuture<Reply> answer = participants.call(region, new Decide(Decide.Kind.COLLECT, start, primary, 0));
        CompletableFuture<Void> unused = answer.thenCompose(reply -> resolveAll(region, start, primary, reply))
                .thenAccept(_ -> underWay.decrementAndGet());
    }

    /** Resolves what an old commit left, if {@code collected} says that there may be something, and forgets it then. */
    private CompletableFuture<Boolean> resolveAll(RegionDescriptor home, long start, byte[] primary, Reply collected) {
        if (!(collected instanceof Reply.Array(List<Reply> parts))) {
            return CompletableFuture.completedFuture(true);
        }
        long commit = ((Reply.Int) parts.getFirst()).value();
        RouteTable routes = participants.routes();
        Set<RegionDescriptor> regions = new LinkedHashSet<>();
        for (Reply part : parts.subList(1, parts.size())) {
            regions.add(routes.find(((Reply.Bulk) part).bytes()));
        }
        List<CompletableFuture<Reply>> answers = new ArrayList<>();
        regions.forEach(region -> answers.add(participants.call(region, new Resolve(start, commit))));
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenCompose(all -> {
                    boolean clean = answers.stream().allMatch(answer -> answer.join() instanceof Reply.Int);
                    return clean
                            ? participants.call(home, new Decide(Decide.Kind.FORGET, start, primary, 0))
                            : CompletableFuture.completedFuture(Reply.OK);
                })
                .thenApply(_ -> true);
    }
}
