package io.kvasir.tools.server;

import io.kvasir.proto.control.ClusterView;
import io.kvasir.proto.control.RegionEntry;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.region.raft.RaftGroup;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.RangeTable;
import io.kvasir.region.range.ReplicaRemains;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.log.LogEngine;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of replicas that are moved away (rule K9). A replica goes only when the cluster view, which says what the log
 * of its range says, leaves it out and does not want it either: incarnations are never used again, so that is for ever.
 *
 * <p>In this order: everything is flushed, because a split that this replica has applied may be the only source of
 * another's first state; the group ends; the log engine gets the tombstone, durably; the records are deleted. What a
 * crash leaves of them is deleted at the next start. Until all is done nothing that overlaps may be placed here.
 *
 * <p>Safe for any thread.
 */
final class ReplicaRemovals implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaRemovals.class);

    private static final int STOP_SECONDS = 20;

    private record Running(Range range, ReplicaId replica, RaftGroup group) {}

    private final RangeTable ranges;
    private final Engine engine;
    private final LogEngine logs;
    private final Consumer<Runnable> guarded;
    private final Map<RegionId, Running> running = new ConcurrentHashMap<>();

    /** Replicas that are being removed, as they were. */
    private final Map<RegionId, RegionDescriptor> leaving = new ConcurrentHashMap<>();

    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("kvasir-removal").factory());

    /** @param guarded runs a task and sees to what it throws */
    ReplicaRemovals(RangeTable ranges, Engine engine, LogEngine logs, Consumer<Runnable> guarded) {
        this.ranges = ranges;
        this.engine = engine;
        this.logs = logs;
        this.guarded = guarded;
    }

    /** The replica of {@code range} here runs. */
    void started(Range range, ReplicaId replica, RaftGroup group) {
        running.put(range.descriptor().id(), new Running(range, replica, group));
    }

    /** Returns whether a replica that overlaps {@code region} is being removed here. */
    boolean isInTheWayOf(RegionDescriptor region) {
        return leaving.values().stream()
                .anyMatch(other -> other.contains(region.start()) || region.contains(other.start()));
    }

    /** Begins to remove the replicas here that {@code view} knows and has no part for. */
    void removeWhatIsLeftOut(ClusterView view) {
        for (RegionEntry entry : view.regions()) {
            Running replica = running.get(entry.descriptor().id());
            if (replica != null
                    && !entry.concerns(replica.replica())
                    && leaving.putIfAbsent(
                                    entry.descriptor().id(), replica.range().descriptor())
                            == null) {
                run(() -> remove(replica));
            }
        }
    }

    /** Runs {@code task}, which may wait for the disk, after those before it. */
    void run(Runnable task) {
        try {
            thread.execute(() -> guarded.accept(task));
        } catch (RejectedExecutionException closed) {
            LOG.debug("the store is being closed");
        }
    }

    private void remove(Running going) {
        RegionDescriptor was = going.range().descriptor();
        LOG.info("replica is removed, region={} replica={}", was.id(), going.replica());
        engine.flush();
        ranges.remove(going.range());
        going.group().close();
        going.range().revokeViews();
        logs.destroy(was.id(), going.replica().incarnation(), was.epoch());
        going.range().stateMachine().wipe();
        ReplicaRemains.wipe(engine, region -> !region.equals(was.id()));
        running.remove(was.id());
        leaving.remove(was.id());
        LOG.info("replica was removed, region={} replica={}", was.id(), going.replica());
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("the removal of a replica does not end");
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
