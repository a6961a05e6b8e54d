package io.kvasir.region.raft;

import com.alipay.sofa.jraft.conf.ConfigurationEntry;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.alipay.sofa.jraft.option.SnapshotCopierOptions;
import com.alipay.sofa.jraft.storage.SnapshotStorage;
import com.alipay.sofa.jraft.storage.SnapshotThrottle;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotCopier;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import com.google.protobuf.Message;
import io.kvasir.region.raft.SnapshotCopy.Copied;
import io.kvasir.region.raft.StateMachine.AppliedState;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots as SOFAJRaft sees them. The applied state lives in the store's engine, so "loading" one at start only tells
 * SOFAJRaft where the state stands, and "saving" one only permits it to truncate the log. What a leader opens for a
 * follower that needs entries which are truncated is a ticket for a snapshot that the {@link SnapshotDesk} makes
 * meanwhile.
 */
final class GroupSnapshots implements SnapshotStorage {

    private final SnapshotExchange exchange;
    private final Supplier<AppliedState> applied;

    /** @param applied where the state stands; not at 0 once an entry was truncated */
    GroupSnapshots(SnapshotExchange exchange, Supplier<AppliedState> applied) {
        this.exchange = exchange;
        this.applied = applied;
    }

    static SnapshotMeta meta(long index, long term, ConfigurationEntry configuration) {
        SnapshotMeta.Builder meta =
                SnapshotMeta.newBuilder().setLastIncludedIndex(index).setLastIncludedTerm(term);
        for (PeerId peer : configuration.getConf().getPeers()) {
            meta.addPeers(peer.toString());
        }
        for (PeerId peer : configuration.getConf().getLearners()) {
            meta.addLearners(peer.toString());
        }
        for (PeerId peer : configuration.getOldConf().getPeers()) {
            meta.addOldPeers(peer.toString());
        }
        for (PeerId peer : configuration.getOldConf().getLearners()) {
            meta.addOldLearners(peer.toString());
        }
        return meta.build();
    }

    @Override
    public boolean init(@Nullable Void options) {
        return true;
    }

    @Override
    public void shutdown() {
        // Nothing is held.
    }

    @Override
    public boolean setFilterBeforeCopyRemote() {
        return true;
    }

    @Override
    public SnapshotWriter create() {
        return new PositionWriter();
    }

    @Override
    public @Nullable SnapshotReader open() {
        if (exchange.isStarted()) {
            return exchange.open(applied.get());
        }
        SnapshotMeta meta = exchange.meta(applied.get());
        return meta == null ? null : new PlainReader(meta, "", null, () -> {});
    }

    @Override
    public @Nullable SnapshotReader copyFrom(String uri, SnapshotCopierOptions options) {
        return null;
    }

    @Override
    public SnapshotCopier startToCopyFrom(String uri, SnapshotCopierOptions options) {
        return exchange.copier(uri);
    }

    @Override
    public void setSnapshotThrottle(SnapshotThrottle throttle) {
        // The rate is a setting of the store.
    }

    /** A snapshot without files of SOFAJRaft's kind: a place, a name, and perhaps what was copied. */
    static final class PlainReader extends SnapshotReader {

        private final SnapshotMeta meta;
        private final String name;
        private final @Nullable Copied copied;
        private final Runnable onClose;

        PlainReader(SnapshotMeta meta, String name, @Nullable Copied copied, Runnable onClose) {
            this.meta = meta;
            this.name = name;
            this.copied = copied;
            this.onClose = onClose;
        }

        /** Returns what is to be installed; null if the state is there already. */
        @Nullable
        Copied copied() {
            return copied;
        }

        @Override
        public boolean init(@Nullable Void options) {
            return true;
        }

        @Override
        public void shutdown() {
            // Nothing is held but what close lets go.
        }

        @Override
        public SnapshotMeta load() {
            return meta;
        }

        @Override
        public String generateURIForCopy() {
            return name;
        }

        @Override
        public String getPath() {
            return name;
        }

        @Override
        public Set<String> listFiles() {
            return Set.of();
        }

        @Override
        public @Nullable Message getFileMeta(String fileName) {
            return null;
        }

        @Override
        public void close() {
            onClose.run();
        }
    }

    private static final class PositionWriter extends SnapshotWriter {

        @Override
        public boolean init(@Nullable Void options) {
            return true;
        }

        @Override
        public void shutdown() {
            // Nothing is held.
        }

        @Override
        public boolean saveMeta(SnapshotMeta meta) {
            return true;
        }

        @Override
        public boolean addFile(String fileName, @Nullable Message fileMeta) {
            return false;
        }

        @Override
        public boolean removeFile(String fileName) {
            return false;
        }

        @Override
        public String getPath() {
            return "";
        }

        @Override
        public Set<String> listFiles() {
            return Set.of();
        }

        @Override
        public @Nullable Message getFileMeta(String fileName) {
            return null;
        }

        @Override
        public void close(boolean keepDataOnError) {
            // Nothing is held.
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
