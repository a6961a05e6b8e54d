package io.kvasir.region.raft;

import com.alipay.sofa.jraft.conf.ConfigurationEntry;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.option.SnapshotCopierOptions;
import com.alipay.sofa.jraft.storage.SnapshotStorage;
import com.alipay.sofa.jraft.storage.SnapshotThrottle;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotCopier;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import com.google.protobuf.Message;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots that consist of a position alone. The applied state lives in the store's engine, so "loading" one at start
 * only tells SOFAJRaft where the state stands, and "saving" one only permits it to truncate the log. A replica that
 * needs entries which the leader no longer has cannot be served through this class: its copy ends with an error that
 * says so.
 */
final class GroupSnapshots implements SnapshotStorage {

    /** What a leader offers to a follower that is too far behind. */
    static final String NOT_COPYABLE = "kvasir:position-only";

    private final Supplier<@Nullable SnapshotMeta> position;

    /** @param position where the state stands; null if it is empty, which it must not be once an entry was truncated */
    GroupSnapshots(Supplier<@Nullable SnapshotMeta> position) {
        this.position = position;
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
        SnapshotMeta meta = position.get();
        return meta == null ? null : new PositionReader(meta);
    }

    @Override
    public @Nullable SnapshotReader copyFrom(String uri, SnapshotCopierOptions options) {
        return null;
    }

    @Override
    public SnapshotCopier startToCopyFrom(String uri, SnapshotCopierOptions options) {
        return new RefusingCopier();
    }

    @Override
    public void setSnapshotThrottle(SnapshotThrottle throttle) {
        // Nothing is copied.
    }

    private static final class PositionReader extends SnapshotReader {

        private final SnapshotMeta meta;

        PositionReader(SnapshotMeta meta) {
            this.meta = meta;
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
        public SnapshotMeta load() {
            return meta;
        }

        @Override
        public String generateURIForCopy() {
            return NOT_COPYABLE;
        }

        @Override
        public String getPath() {
            return NOT_COPYABLE;
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
            // Nothing is held.
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
            return NOT_COPYABLE;
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

    private static final class RefusingCopier extends SnapshotCopier {

        RefusingCopier() {
            setError(RaftError.ENOENT, "the leader's log begins after this replica's end and it offers no copy");
        }

        @Override
        public void cancel() {
            // It has ended already.
        }

        @Override
        public void join() {
            // It has ended already.
        }

        @Override
        public void start() {
            // It has ended already.
        }

        @Override
        public @Nullable SnapshotReader getReader() {
            return null;
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
