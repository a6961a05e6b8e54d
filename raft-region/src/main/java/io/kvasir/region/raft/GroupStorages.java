package io.kvasir.region.raft;

import com.alipay.sofa.jraft.JRaftServiceFactory;
import com.alipay.sofa.jraft.entity.codec.LogEntryCodecFactory;
import com.alipay.sofa.jraft.entity.codec.v2.LogEntryV2CodecFactory;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import com.alipay.sofa.jraft.storage.RaftMetaStorage;
import com.alipay.sofa.jraft.storage.SnapshotStorage;

/** Gives SOFAJRaft the storages of one group. */
final class GroupStorages implements JRaftServiceFactory {

    private final JRaftGroup group;

    GroupStorages(JRaftGroup group) {
        this.group = group;
    }

    @Override
    public LogStorage createLogStorage(String uri, RaftOptions options) {
        return group.logStorage();
    }

    @Override
    public RaftMetaStorage createRaftMetaStorage(String uri, RaftOptions options) {
        return group.hardStateStorage();
    }

    @Override
    public SnapshotStorage createSnapshotStorage(NodeOptions options) {
        return group.snapshots();
    }

    /** Asked for by SOFAJRaft and not used: the log storage has an encoding of its own. */
    @Override
    public LogEntryCodecFactory createLogEntryCodecFactory() {
        return LogEntryV2CodecFactory.getInstance();
    }
}
