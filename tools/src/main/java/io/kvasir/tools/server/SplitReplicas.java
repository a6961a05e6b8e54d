package io.kvasir.tools.server;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.raft.StateMachine.Committed;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.RangeState;
import io.kvasir.region.range.SplitHost;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.log.Creation;
import io.kvasir.store.log.Entry;
import io.kvasir.store.log.GroupLog;
import io.kvasir.store.log.HardState;
import io.kvasir.store.log.LogEngine;
import io.kvasir.store.log.Replica;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replicas that splits make in this store (rule K9). The log engine is durable at once, the engine goes back to its
 * last flush, so after a crash a child may have a log, and even votes, whose first state is gone. It is made again from
 * the parent's log, which is kept as far as it is not flushed; the child's own log and vote are never touched.
 *
 * <p>Safe for any thread.
 */
final class SplitReplicas implements SplitHost, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SplitReplicas.class);

    /** Entries replayed in one call. */
    private static final int REPLAYED_MAX = 256;

    /** Starts the replica of a range whose state is here, unless it runs. Waits for the disk. */
    @FunctionalInterface
    interface Starter {

        void start(RegionDescriptor child, boolean leads);
    }

    private final StoreId self;
    private final LogEngine logs;
    private final Engine engine;
    private final Starter starter;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("kvasir-split").factory());

    SplitReplicas(StoreId self, LogEngine logs, Engine engine, Starter starter) {
        this.self = self;
        this.logs = logs;
        this.engine = engine;
        this.starter = starter;
    }

    @Override
    public boolean create(RegionDescriptor child, RegionId parent, long index) {
        Optional<ReplicaId> replica = child.replicaOn(self);
        if (replica.isEmpty()) {
            return false;
        }
        StoredReplica stored = new StoredReplica(child, Optional.of(new StoredReplica.Birth(parent, index)));
        return switch (logs.create(
                child.id(),
                replica.get().incarnation(),
                stored.encode(),
                RangeState.SPLIT.index() + 1,
                new HardState(RangeState.SPLIT.term(), null))) {
            case Creation.Created created -> true;
            case Creation.AlreadyLive live -> true;
            case Creation.Destroyed destroyed -> {
                LOG.info("split makes no replica, it was destroyed here, region={} replica={}", child.id(), replica);
                yield false;
            }
        };
    }

    @Override
    public void start(RegionDescriptor child, boolean leads) {
        thread.execute(() -> starter.start(child, leads));
    }

    /** Returns the replicas of {@code live} whose state is here, or which nothing here can give it. */
    List<Replica> ready(List<Replica> live) {
        return live.stream().filter(replica -> !lacksState(replica)).toList();
    }

    private boolean lacksState(Replica replica) {
        return StoredReplica.decode(replica.initialState()).birth().isPresent()
                && replica.log().installing().isEmpty()
                && !RangeState.isHere(engine, replica.region());
    }

    /** Has {@code range}, which does not run yet, apply the splits whose children lack their state, durably. */
    void replaySplits(Range range) {
        RegionId parent = range.descriptor().id();
        long upTo = logs.live().stream()
                .filter(replica -> !replica.region().equals(RegionId.PLACEMENT) && lacksState(replica))
                .flatMap(replica -> StoredReplica.decode(replica.initialState()).birth().stream())
                .filter(birth -> birth.parent().equals(parent))
                .mapToLong(StoredReplica.Birth::index)
                .max()
                .orElse(0);
        if (upTo <= range.appliedIndex()) {
            return;
        }
        LOG.info("split is applied anew, region={} applied={} upTo={}", parent, range.appliedIndex(), upTo);
        GroupLog log = logs.find(parent).orElseThrow();
        List<Committed> entries = new ArrayList<>();
        for (long index = range.appliedIndex() + 1; index <= upTo; index++) {
            byte[] data = log.read(index);
            if (data == null) {
                throw new IllegalStateException("entry " + index + " of " + parent + " is gone, a split needs it");
            }
            if (log.typeAt(index) == Entry.DATA) {
                entries.add(new Committed(index, log.termAt(index), data));
            }
            if (entries.size() == REPLAYED_MAX || index == upTo && !entries.isEmpty()) {
                range.replay(entries);
                entries = new ArrayList<>();
            }
        }
        engine.flush();
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
