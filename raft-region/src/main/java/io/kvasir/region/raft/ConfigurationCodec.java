package io.kvasir.region.raft;

import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.conf.ConfigurationEntry;
import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.entity.PeerId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a configuration entry in the log: format version 1, then four lists (voters, old voters, learners, old
 * learners), each a 2-byte count and per replica its store (8 bytes) and incarnation (4 bytes), all big-endian.
 */
final class ConfigurationCodec {

    private static final byte FORMAT = 1;

    private ConfigurationCodec() {}

    static byte[] encode(LogEntry entry) {
        List<List<ReplicaId>> lists = List.of(
                PeerNames.replicas(entry.getPeers()),
                PeerNames.replicas(entry.getOldPeers()),
                PeerNames.replicas(entry.getLearners()),
                PeerNames.replicas(entry.getOldLearners()));
        int replicas = lists.stream().mapToInt(List::size).sum();
        ByteBuffer bytes = ByteBuffer.allocate(1 + 4 * 2 + replicas * 12).put(FORMAT);
        for (List<ReplicaId> list : lists) {
            bytes.putShort((short) list.size());
            for (ReplicaId replica : list) {
                bytes.putLong(replica.store().value()).putInt(replica.incarnation());
            }
        }
        return bytes.array();
    }

    static LogEntry decode(long index, long term, byte[] data) {
        ByteBuffer bytes = ByteBuffer.wrap(data);
        byte format = bytes.get();
        if (format != FORMAT) {
            throw new IllegalStateException("configuration entry " + index + " has unknown format " + format);
        }
        LogEntry entry = new LogEntry(EntryType.ENTRY_TYPE_CONFIGURATION);
        entry.setId(new LogId(index, term));
        entry.setPeers(list(bytes));
        entry.setOldPeers(nullIfEmpty(list(bytes)));
        entry.setLearners(nullIfEmpty(list(bytes)));
        entry.setOldLearners(nullIfEmpty(list(bytes)));
        return entry;
    }

    static Membership membership(LogEntry entry) {
        return new Membership(
                entry.getId().getIndex(),
                new HashSet<>(PeerNames.replicas(entry.getPeers())),
                new HashSet<>(PeerNames.replicas(entry.getOldPeers())));
    }

    /** Returns the voters named in a message of SOFAJRaft. */
    static Membership membership(long index, List<String> voters, List<String> oldVoters) {
        return new Membership(index, replicas(voters), replicas(oldVoters));
    }

    static ConfigurationEntry configuration(LogEntry entry) {
        Configuration old = entry.getOldPeers() == null
                ? new Configuration()
                : new Configuration(entry.getOldPeers(), orEmpty(entry.getOldLearners()));
        return new ConfigurationEntry(
                entry.getId(), new Configuration(entry.getPeers(), orEmpty(entry.getLearners())), old);
    }

    /** Returns what a log remembers of a configuration entry that it drops: index (8), term (8), the entry's bytes. */
    static byte[] encodeMemory(LogEntry entry) {
        byte[] data = encode(entry);
        return ByteBuffer.allocate(16 + data.length)
                .putLong(entry.getId().getIndex())
                .putLong(entry.getId().getTerm())
                .put(data)
                .array();
    }

    static LogEntry decodeMemory(byte[] memory) {
        ByteBuffer bytes = ByteBuffer.wrap(memory);
        long index = bytes.getLong();
        long term = bytes.getLong();
        byte[] data = new byte[bytes.remaining()];
        bytes.get(data);
        return decode(index, term, data);
    }

    private static Set<ReplicaId> replicas(List<String> names) {
        return names.stream().map(PeerNames::replica).collect(Collectors.toUnmodifiableSet());
    }

    private static List<PeerId> list(ByteBuffer bytes) {
        int count = bytes.getShort() & 0xffff;
        List<PeerId> peers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            StoreId store = new StoreId(bytes.getLong());
            peers.add(PeerNames.peer(new ReplicaId(store, bytes.getInt())));
        }
        return peers;
    }

    private static @Nullable List<PeerId> nullIfEmpty(List<PeerId> peers) {
        return peers.isEmpty() ? null : peers;
    }

    private static List<PeerId> orEmpty(@Nullable Collection<PeerId> peers) {
        return peers == null ? List.of() : List.copyOf(peers);
    }
}
