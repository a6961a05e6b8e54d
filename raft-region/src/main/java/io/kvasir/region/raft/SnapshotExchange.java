package io.kvasir.region.raft;

import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.conf.ConfigurationEntry;
import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.rpc.RpcRequests.InstallSnapshotResponse;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotCopier;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.google.protobuf.InvalidProtocolBufferException;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.raft.SnapshotCopy.Copied;
import io.kvasir.region.raft.StateMachine.AppliedState;
import io.kvasir.store.log.GroupLog;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one group sends and installs of snapshots.
 *
 * <p>A leader opens a snapshot under its replicator's lock, so that costs a hold on the engine's state and a ticket;
 * the files are made by the {@link SnapshotDesk}. The ticket and SOFAJRaft's description travel in the name of the
 * snapshot ({@code kvasir:STORE:TICKET:DESCRIPTION}); ticket 0 is an excuse.
 *
 * <p>Installation follows rule K10: the mark becomes durable in the log engine; then the state machine replaces its
 * state; then the mark goes and the log is reset, in one step. A process that dies in between finds the mark and
 * {@link #wipe wipes} the replica: it is empty then, keeps its term and vote, and is sent a snapshot again. That is
 * safe because the entry at the snapshot's end was committed by a majority without this replica, whose log did not hold
 * it: nothing acknowledged rests on what it forgets, and whoever lacks that entry cannot be elected by that majority.
 *
 * <p>Safe for any thread; {@link #install} is called by the group's apply thread.
 */
final class SnapshotExchange {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotExchange.class);
    private static final String SCHEME = "kvasir";
    private static final long NO_TICKET = 0;

    private final RaftHost host;
    private final RegionId region;
    private final GroupLog log;
    private final StateMachine machine;
    private final Membership initial;
    private volatile boolean started;

    SnapshotExchange(RaftHost host, RegionId region, GroupLog log, StateMachine machine, Membership initial) {
        this.host = host;
        this.region = region;
        this.log = log;
        this.machine = machine;
        this.initial = initial;
    }

    /** From now on whoever opens a snapshot wants to send it. */
    void start() {
        started = true;
    }

    boolean isStarted() {
        return started;
    }

    /** Returns how SOFAJRaft describes a state that stands at {@code at}; null if it is empty. */
    @Nullable
    SnapshotMeta meta(AppliedState at) {
        if (at.index() == 0) {
            return null;
        }
        ConfigurationEntry configuration = GroupLogStorage.configurationAt(log, at.index())
                .map(ConfigurationCodec::configuration)
                .orElseGet(() -> new ConfigurationEntry(
                        new LogId(0, 0), new Configuration(PeerNames.peers(initial.voters())), new Configuration()));
        return GroupSnapshots.meta(at.index(), at.term(), configuration);
    }

    // ---- the leader's side

    /** Opens a snapshot for a follower that is behind the log. */
    GroupSnapshots.PlainReader open(AppliedState applied) {
        Optional<SnapshotDesk> desk = host.desk();
        if (desk.isEmpty() || !desk.get().hasRoom()) {
            return reader(applied, NO_TICKET, () -> {});
        }
        StateSnapshot state = machine.snapshot();
        AppliedState at = state.applied();
        long ticket = desk.get().offer(region, state);
        return reader(at, ticket, () -> desk.get().withdraw(ticket));
    }

    private GroupSnapshots.PlainReader reader(AppliedState at, long ticket, Runnable onClose) {
        SnapshotMeta meta = meta(at);
        if (meta == null) {
            // SOFAJRaft asks for a snapshot only when entries were truncated, which needs an applied state.
            throw new IllegalStateException("a snapshot of nothing is asked for, region=" + region);
        }
        String name = String.join(
                ":",
                SCHEME,
                Long.toString(host.self().value()),
                Long.toString(ticket),
                Base64.getUrlEncoder().encodeToString(meta.toByteArray()));
        return new GroupSnapshots.PlainReader(meta, name, null, onClose);
    }

    /** Returns whether the snapshot called {@code name} can still be had here. */
    boolean isOffered(String name) {
        String[] parts = name.split(":", -1);
        return parts.length == 4
                && host.desk()
                        .filter(desk -> desk.isOffered(Long.parseLong(parts[2])))
                        .isPresent();
    }

    /** Returns whether {@code answer} to an offer means that there is no point in repeating it. */
    static boolean isFinal(@Nullable Object answer) {
        return answer instanceof InstallSnapshotResponse response
                && (!response.hasErrorResponse()
                        || response.getErrorResponse().getErrorCode() == RaftError.ESTALE.getNumber());
    }

    // ---- the follower's side

    /** Returns the copier of the snapshot called {@code name}; the copy is made by the thread that joins it. */
    SnapshotCopier copier(String name) {
        return new Copier(name);
    }

    /**
     * Replaces state and log by what was copied.
     *
     * @throws RuntimeException if that failed; the mark then stands, and the process must not go on
     */
    void install(Copied copied, SnapshotMeta meta) {
        AppliedState at = copied.at();
        LOG.info("installs a snapshot, region={}, index={}, term={}", region, at.index(), at.term());
        host.logs().markInstalling(region, at.index(), at.term());
        machine.install(at, copied.summary(), copied.parts());
        host.logs().installed(region, at.index(), at.term(), ConfigurationCodec.encodeMemory(entry(meta)));
        LOG.info("installed a snapshot, region={}, index={}, term={}", region, at.index(), at.term());
    }

    /** Empties a replica that bears the mark of an install that did not end. Before its group is made. */
    static void wipe(RaftHost host, RegionId region, StateMachine machine) {
        LOG.warn("wipes a replica whose install did not end, region={}", region);
        machine.wipe();
        // The mark of an empty snapshot: to remove it drops all entries, and keeps term and vote.
        host.logs().markInstalling(region, 0, 0);
        host.logs().installed(region, 0, 0);
    }

    /** The configuration in {@code meta} as if its entry were the last that the snapshot stands for. */
    private static LogEntry entry(SnapshotMeta meta) {
        LogEntry entry = new LogEntry(EntryType.ENTRY_TYPE_CONFIGURATION);
        entry.setId(new LogId(meta.getLastIncludedIndex(), meta.getLastIncludedTerm()));
        entry.setPeers(PeerNames.parse(meta.getPeersList()));
        entry.setOldPeers(meta.getOldPeersCount() == 0 ? null : PeerNames.parse(meta.getOldPeersList()));
        entry.setLearners(meta.getLearnersCount() == 0 ? null : PeerNames.parse(meta.getLearnersList()));
        entry.setOldLearners(meta.getOldLearnersCount() == 0 ? null : PeerNames.parse(meta.getOldLearnersList()));
        return entry;
    }

    /** One attempt to copy. */
    private final class Copier extends SnapshotCopier {

        private final String name;
        private volatile @Nullable SnapshotCopy copy;
        private volatile boolean cancelled;
        private volatile @Nullable SnapshotReader reader;

        Copier(String name) {
            this.name = name;
        }

        @Override
        public void start() {
            // It is made by whoever joins.
        }

        @Override
        public void join() {
            try {
                String[] parts = name.split(":", -1);
                SnapshotSettings settings = host.snapshotSettings()
                        .orElseThrow(() -> new SnapshotCopy.Failed("this store takes no snapshots"));
                if (parts.length != 4 || !parts[0].equals(SCHEME)) {
                    throw new SnapshotCopy.Failed("a snapshot of this name is unknown: " + name);
                }
                long ticket = Long.parseLong(parts[2]);
                if (ticket == NO_TICKET) {
                    throw new SnapshotCopy.Failed("the leader has no room for another snapshot now");
                }
                SnapshotMeta meta =
                        SnapshotMeta.parseFrom(Base64.getUrlDecoder().decode(parts[3]));
                if (isReached(meta)) {
                    return;
                }
                StoreId from = new StoreId(Long.parseLong(parts[1]));
                copy(new SnapshotCopy(host.link(), host.ticker(), settings, from, ticket, region), meta);
            } catch (SnapshotCopy.Failed failed) {
                LOG.info("snapshot not copied, region={}, reason={}", region, failed.getMessage());
                setError(RaftError.ECANCELED, "%s", failed.getMessage());
            } catch (InvalidProtocolBufferException | IllegalArgumentException malformed) {
                setError(RaftError.EINVAL, "%s", "malformed name of a snapshot");
            }
        }

        private void copy(SnapshotCopy attempt, SnapshotMeta meta) throws SnapshotCopy.Failed {
            copy = attempt;
            if (cancelled) {
                attempt.cancel();
            }
            Copied copied = attempt.run();
            boolean kept = false;
            try {
                if (copied.at().index() != meta.getLastIncludedIndex()
                        || copied.at().term() != meta.getLastIncludedTerm()) {
                    throw new SnapshotCopy.Failed("it stands at " + copied.at() + ", not at " + meta);
                }
                if (isReached(meta)) {
                    return;
                }
                Optional<String> objection = machine.objection(copied.summary());
                if (objection.isPresent()) {
                    throw new SnapshotCopy.Failed(objection.get());
                }
                reader = new GroupSnapshots.PlainReader(meta, name, copied, attempt::discard);
                kept = true;
            } finally {
                if (!kept) {
                    attempt.discard();
                }
            }
        }

        /** A log that holds the snapshot's last entry needs no snapshot; what follows it there must not be lost. */
        private boolean isReached(SnapshotMeta meta) {
            boolean reached = log.termAt(meta.getLastIncludedIndex()) == meta.getLastIncludedTerm();
            if (reached) {
                setError(RaftError.ESTALE, "%s", "the log has come as far");
            }
            return reached;
        }

        @Override
        public void cancel() {
            cancelled = true;
            SnapshotCopy present = copy;
            if (present != null) {
                present.cancel();
            }
        }

        @Override
        public @Nullable SnapshotReader getReader() {
            return reader;
        }

        @Override
        public void close() {
            // The reader holds the files, and removes them when it is closed.
        }
    }
}
