package io.kvasir.region.raft;

import java.util.Map;

/** What SOFAJRaft reads from system properties when its classes are loaded, once for the process. */
final class JRaftProcess {

    /**
     * Its pools refuse what exceeds their size, and a refused heartbeat is never sent again. So they may grow to what
     * all groups of a store can need at once; idle threads end.
     */
    private static final int POOL_THREADS_MAX = 4096;

    private static final Map<String, String> PROPERTIES = Map.of(
            "jraft.rpc.closure.threadpool.size.max", Integer.toString(POOL_THREADS_MAX),
            "jraft.closure.threadpool.size.max", Integer.toString(POOL_THREADS_MAX),
            "jraft.recyclers.maxCapacityPerThread", "64",
            "jraft.max_collector_size_per_thread", "16",
            "jraft.timer.global_election_timer_workers", "1",
            "jraft.timer.global_vote_timer_workers", "1",
            "jraft.timer.global_step_down_timer_workers", "1",
            "jraft.timer.global_snapshot_timer_workers", "1",
            "jraft.timer.global_scheduler_workers", "2",
            "com.google.protobuf.use_unsafe_pre22_gencode", "true");

    private JRaftProcess() {}

    /** Sets the properties that nobody has set; without effect once SOFAJRaft is in use. */
    static void prepare() {
        PROPERTIES.forEach((name, value) -> {
            if (System.getProperty(name) == null) {
                System.setProperty(name, value);
            }
        });
    }
}
