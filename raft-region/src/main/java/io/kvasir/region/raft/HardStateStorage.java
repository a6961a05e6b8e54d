package io.kvasir.region.raft;

import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.option.RaftMetaStorageOptions;
import com.alipay.sofa.jraft.storage.RaftMetaStorage;
import io.kvasir.store.log.GroupLog;
import io.kvasir.store.log.HardState;

/**
 * Term and vote of a group, in its {@link GroupLog}. SOFAJRaft ignores a refusal to store a vote and grants it all the
 * same (its issue 1243), so this never refuses: what cannot be stored is thrown to {@code fault}, which halts the
 * process.
 */
final class HardStateStorage implements RaftMetaStorage {

    private final GroupLog log;
    private final Fault fault;

    HardStateStorage(GroupLog log, Fault fault) {
        this.log = log;
        this.fault = fault;
    }

    @Override
    public boolean init(RaftMetaStorageOptions options) {
        return true;
    }

    @Override
    public void shutdown() {
        // The log belongs to the engine.
    }

    @Override
    public boolean setTerm(long term) {
        return save(new HardState(term, null));
    }

    @Override
    public long getTerm() {
        return log.hardState().term();
    }

    @Override
    public boolean setVotedFor(PeerId peer) {
        return setTermAndVotedFor(getTerm(), peer);
    }

    @Override
    public PeerId getVotedFor() {
        return log.hardState().votedFor().map(PeerNames::peer).orElseGet(PeerId::emptyPeer);
    }

    @Override
    public boolean setTermAndVotedFor(long term, PeerId peer) {
        return save(new HardState(term, peer == null || peer.isEmpty() ? null : PeerNames.replica(peer)));
    }

    private boolean save(HardState state) {
        try {
            log.saveHardState(state);
            return true;
        } catch (RuntimeException e) {
            throw fault.raise("term and vote cannot be stored, " + state, e);
        }
    }
}
