package io.kvasir.region.raft;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that all groups of a store share: {@link #STRIPES} for log requests and answers, each group on one of
 * them; up to {@link #VOTERS} for elections, which wait for the disk; a few that copy snapshots; and one clock. None
 * belongs to a group.
 *
 * <p>Their queues have no bound of their own: what is in them are requests that the link has admitted, which bounds
 * their bytes, and at most a few elections per group; to refuse one of them would stall a group for a back-stop
 * time-out.
 */
final class RaftThreads implements AutoCloseable {

    /** Threads for log requests and answers. */
    static final int STRIPES = 2;

    /** Threads that may wait for votes to become durable at once, so that they share a sync. */
    static final int VOTERS = 8;

    private static final int IDLE_SECONDS = 10;

    private final ExecutorService[] stripes = new ExecutorService[STRIPES];
    private final ExecutorService voters;
    private final ExecutorService installer;
    private final ScheduledExecutorService clock;

    RaftThreads(StoreId store) {
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = pool("raft-stripe-" + store + "-" + i, 1);
        }
        voters = pool("raft-vote-" + store, VOTERS);
        installer = pool("raft-install-" + store, SnapshotSettings.INSTALLING_MAX);
        clock = Executors.newSingleThreadScheduledExecutor(named("raft-clock-" + store));
    }

    /** Returns the thread of {@code region}: what is given to it runs in the order given. */
    ExecutorService stripe(RegionId region) {
        return stripes[Math.floorMod(region.hashCode(), STRIPES)];
    }

    /** Returns the threads on which elections wait for the disk. */
    ExecutorService voters() {
        return voters;
    }

    ExecutorService installer() {
        return installer;
    }

    ScheduledExecutorService clock() {
        return clock;
    }

    @Override
    public void close() {
        clock.shutdownNow();
        voters.shutdown();
        installer.shutdown();
        for (ExecutorService stripe : stripes) {
            stripe.shutdown();
        }
    }

    private static ExecutorService pool(String name, int threads) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                named(name),
                // After close: nobody is left to hear of it.
                new ThreadPoolExecutor.DiscardPolicy());
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static ThreadFactory named(String name) {
        return Thread.ofPlatform().daemon().name(name + "-", 0)::unstarted;
    }
}
