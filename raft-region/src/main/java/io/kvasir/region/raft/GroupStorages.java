package io.kvasir.region.raft;

import com.alipay.sofa.jraft.JRaftServiceFactory;
import com.alipay.sofa.jraft.entity.codec.LogEntryCodecFactory;
import com.alipay.sofa.jraft.entity.codec.v2.LogEntryV2CodecFactory;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import com.alipay.sofa.jraft.storage.RaftMetaStorage;
import com.alipay.sofa.jraft.storage.SnapshotStorage;
import io.kvasir.region.raft.StateMachine.AppliedState;
import io.kvasir.store.log.GroupLog;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Gives SOFAJRaft the storages of one group. Safe for any thread. */
final class GroupStorages implements JRaftServiceFactory {

    private final GroupLog log;
    private final Membership initial;
    private final SnapshotExchange snapshots;
    private final Supplier<AppliedState> applied;
    private final HardStateStorage hardState;
    private final LongSupplier flushedIndex;
    private final Consumer<Membership> membershipIs;
    private final Consumer<Membership> membershipGrows;
    private volatile @Nullable GroupLogStorage logStorage;

    /**
     * @param initial the voters while the log says nothing of them
     * @param applied where the applied state stands
     */
    GroupStorages(
            GroupLog log,
            Membership initial,
            SnapshotExchange snapshots,
            Supplier<AppliedState> applied,
            HardStateStorage hardState,
            LongSupplier flushedIndex,
            Consumer<Membership> membershipIs,
            Consumer<Membership> membershipGrows) {
        this.log = log;
        this.initial = initial;
        this.snapshots = snapshots;
        this.applied = applied;
        this.hardState = hardState;
        this.flushedIndex = flushedIndex;
        this.membershipIs = membershipIs;
        this.membershipGrows = membershipGrows;
    }

    /** Returns the newest voters that {@code log} knows of, or else {@code initial}. */
    static Membership membership(GroupLog log, Membership initial) {
        return GroupLogStorage.configurationAt(log, Long.MAX_VALUE)
                .map(ConfigurationCodec::membership)
                .orElse(initial);
    }

    /** A snapshot up to {@code index} has taken the place of the log. */
    void installed(long index) {
        GroupLogStorage present = logStorage;
        if (present != null) {
            present.installed(index);
        }
    }

    HardStateStorage hardState() {
        return hardState;
    }

    @Override
    public LogStorage createLogStorage(String uri, RaftOptions options) {
        GroupLogStorage created = new GroupLogStorage(log, flushedIndex, membershipIs, membershipGrows, initial);
        logStorage = created;
        return created;
    }

    @Override
    public RaftMetaStorage createRaftMetaStorage(String uri, RaftOptions options) {
        return hardState;
    }

    @Override
    public SnapshotStorage createSnapshotStorage(NodeOptions options) {
        return new GroupSnapshots(snapshots, applied);
    }

    /** Asked for by SOFAJRaft and not used: the log storage has an encoding of its own. */
    @Override
    public LogEntryCodecFactory createLogEntryCodecFactory() {
        return LogEntryV2CodecFactory.getInstance();
    }
}
