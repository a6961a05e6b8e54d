package io.kvasir.region.raft;

import com.alipay.sofa.jraft.JRaftServiceFactory;
import com.alipay.sofa.jraft.option.ApplyTaskMode;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.util.concurrent.FixedThreadsExecutorGroup;

/**
 * SOFAJRaft's options for one group, and the way from them back to the group. Liveness is ours (rule K37), so its
 * timers are set wide, as a back-stop; all that can be shared by the groups of a process is shared.
 */
final class GroupSettings extends NodeOptions {

    /** Election time-out, milliseconds: the back-stop. */
    static final int ELECTION_TIMEOUT_MILLIS = 60_000;

    /**
     * SOFAJRaft's heartbeats come this often, milliseconds. They serve its back-stops alone, which outlast the loss of
     * one: a follower waits for {@link #ELECTION_TIMEOUT_MILLIS}, a leader gives up after nine tenths of it. What has
     * to be told sooner is told by {@link LeaseExchange}.
     */
    static final int HEARTBEAT_MILLIS = 20_000;

    /** Slots of each of a group's rings: entries proposed and not yet in the log, and so on. A power of two. */
    static final int RING_SLOTS = 256;

    /** How often a log thread without work looks up, seconds; work wakes it. */
    static final int RING_WAIT_SECONDS = 3_600;

    /** Requests to one follower that may be unanswered. */
    static final int REPLICATION_REQUESTS_MAX = 16;

    /** Bytes after which no further entry joins a request or a write to the log. */
    static final int BODY_BYTES_MAX = 1 << 20;

    /** A follower that has not copied and installed a snapshot by then is sent another, milliseconds. */
    static final int INSTALL_TIMEOUT_MILLIS = 3_600_000;

    private final JRaftGroup group;

    GroupSettings(JRaftGroup group, JRaftServiceFactory storages, FixedThreadsExecutorGroup unusedExecutors) {
        this.group = group;
        setServiceFactory(storages);
        setAppendEntriesExecutors(unusedExecutors);
        setElectionTimeoutMs(ELECTION_TIMEOUT_MILLIS);
        setSharedElectionTimer(true);
        setSharedVoteTimer(true);
        setSharedStepDownTimer(true);
        setSharedSnapshotTimer(true);
        setSharedTimerPool(true);
        setRpcProcessorThreadPoolSize(2);
        setRpcDefaultTimeout(JRaftGroup.APPEND_TIMEOUT_MILLIS);
        setRpcInstallSnapshotTimeout(INSTALL_TIMEOUT_MILLIS);
        setSnapshotIntervalSecs(0);
        setLogUri(group.id().toString());
        setRaftMetaUri(group.id().toString());
        setSnapshotUri(group.id().toString());
        setEnableMetrics(false);
        setDisableCli(true);
        setApplyTaskMode(ApplyTaskMode.NonBlocking);
        setRaftOptions(raftOptions());
    }

    private static RaftOptions raftOptions() {
        RaftOptions raft = new RaftOptions();
        raft.setElectionHeartbeatFactor(ELECTION_TIMEOUT_MILLIS / HEARTBEAT_MILLIS);
        raft.setMaxElectionDelayMs(ELECTION_TIMEOUT_MILLIS / 2);
        raft.setDisruptorBufferSize(RING_SLOTS);
        raft.setDisruptorPublishEventWaitTimeoutSecs(RING_WAIT_SECONDS);
        raft.setApplyBatch(256);
        raft.setMaxEntriesSize(1024);
        raft.setMaxBodySize(BODY_BYTES_MAX);
        raft.setMaxAppendBufferSize(BODY_BYTES_MAX);
        raft.setMaxReplicatorInflightMsgs(REPLICATION_REQUESTS_MAX);
        raft.setReplicatorPipeline(true);
        raft.setEnableLogEntryChecksum(false);
        raft.setOpenStatistics(false);
        return raft;
    }

    JRaftGroup group() {
        return group;
    }

    @Override
    public void validate() {
        // The names of its storages mean nothing here.
    }
}
