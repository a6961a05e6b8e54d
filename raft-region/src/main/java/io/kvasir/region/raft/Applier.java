package io.kvasir.region.raft;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Iterator;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.StateMachineAdapter;
import com.alipay.sofa.jraft.entity.LeaderChangeContext;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.error.RaftException;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import io.kvasir.region.raft.StateMachine.AppliedState;
import io.kvasir.region.raft.StateMachine.Committed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Feeds a {@link StateMachine} with what SOFAJRaft has committed. No exception gets out of here: SOFAJRaft would apply
 * the same entries again at the next commit (its issue 1246). Whatever is thrown halts the process.
 *
 * <p>Confined to the group's apply thread.
 */
final class Applier extends StateMachineAdapter {

    /** Bytes after which no further entry joins a call of {@link StateMachine#apply}. */
    static final int BATCH_BYTES_MAX = 4 << 20;

    /** Entries in one call of {@link StateMachine#apply}. */
    static final int BATCH_ENTRIES_MAX = 4096;

    private final JRaftGroup group;
    private final StateMachine machine;
    private final Fault fault;
    private volatile AppliedState applied;

    /** Whether the state machine is at entries. Read by any thread. */
    private volatile boolean applying;

    Applier(JRaftGroup group, StateMachine machine, Fault fault, AppliedState startedAt) {
        this.group = group;
        this.machine = machine;
        this.fault = fault;
        this.applied = startedAt;
    }

    /** Returns the place of the last entry given to the state machine. Safe for any thread. */
    AppliedState applied() {
        return applied;
    }

    /** Returns whether the state machine is at entries. Safe for any thread. */
    boolean isApplying() {
        return applying;
    }

    @Override
    public void onApply(Iterator entries) {
        try {
            while (entries.hasNext()) {
                applyBatch(entries);
            }
        } catch (Throwable e) {
            IllegalStateException raised = fault.raise("entry cannot be applied, region=" + group.id(), e);
            group.broken();
            entries.setErrorAndRollback(1, new Status(RaftError.ESTATEMACHINE, "%s", raised.getMessage()));
        }
    }

    private void applyBatch(Iterator entries) {
        List<Committed> batch = new ArrayList<>();
        long bytes = 0;
        while (entries.hasNext() && batch.size() < BATCH_ENTRIES_MAX && bytes < BATCH_BYTES_MAX) {
            byte[] data = GroupLogStorage.bytes(entries.getData());
            if (entries.getIndex() > applied.index()) {
                batch.add(new Committed(entries.getIndex(), entries.getTerm(), data));
                bytes += data.length;
            }
            entries.next();
        }
        if (!batch.isEmpty()) {
            applying = true;
            machine.apply(Collections.unmodifiableList(batch));
            applying = false;
            applied = new AppliedState(batch.getLast().index(), batch.getLast().term());
            group.applied(batch);
        }
    }

    @Override
    public void onLeaderStart(long term) {
        guarded("leadership cannot start", () -> group.leaderStarted(term));
    }

    @Override
    public void onLeaderStop(Status status) {
        guarded("leadership cannot end", group::leaderStopped);
    }

    @Override
    public void onStartFollowing(LeaderChangeContext context) {
        // The group learns of its leader from the leader's requests.
    }

    @Override
    public void onStopFollowing(LeaderChangeContext context) {
        // The group learns of its leader from the leader's requests.
    }

    @Override
    public void onConfigurationCommitted(Configuration configuration) {
        // It is told at the wrong entry and without learners; the log storage sees every configuration.
    }

    @Override
    public void onSnapshotSave(SnapshotWriter writer, Closure done) {
        guarded("flushed index cannot be had", () -> group.flushed(machine.flushedIndex()));
        done.run(Status.OK());
    }

    /** At start the state is there already; a snapshot of another store is installed. */
    @Override
    public boolean onSnapshotLoad(SnapshotReader reader) {
        if (!(reader instanceof GroupSnapshots.PlainReader plain)) {
            return false;
        }
        SnapshotCopy.Copied copied = plain.copied();
        if (copied == null) {
            return true;
        }
        guarded("snapshot cannot be installed", () -> {
            group.snapshots().install(copied, plain.load());
            applied = copied.at();
            group.installed(copied.at());
            plain.close();
        });
        return !group.isBroken();
    }

    @Override
    public void onError(RaftException error) {
        if (!group.isBroken()) {
            fault.raise("raft group is in error, region=" + group.id(), error);
            group.broken();
        }
    }

    @Override
    public void onShutdown() {
        // The group was closed.
    }

    private void guarded(String what, Runnable body) {
        if (group.isBroken()) {
            return;
        }
        try {
            body.run();
        } catch (Throwable e) {
            fault.raise(what + ", region=" + group.id(), e);
            group.broken();
        }
    }
}
