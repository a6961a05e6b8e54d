package io.kvasir.region.raft;

import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.util.Endpoint;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Replicas under the names that SOFAJRaft knows them by: the store in the place of the host, the incarnation in the
 * place of the port, so that a store may change its address without a change of membership.
 */
final class PeerNames {

    private PeerNames() {}

    static String group(RegionId region) {
        return region.toString();
    }

    static PeerId peer(ReplicaId replica) {
        return new PeerId(replica.store().toString(), replica.incarnation());
    }

    static List<PeerId> peers(Collection<ReplicaId> replicas) {
        return replicas.stream().sorted().map(PeerNames::peer).toList();
    }

    static ReplicaId replica(PeerId peer) {
        return replica(peer.getEndpoint());
    }

    static ReplicaId replica(Endpoint endpoint) {
        String name = endpoint.getIp();
        if (!name.startsWith("s")) {
            throw new IllegalArgumentException("not the name of a store: " + name);
        }
        return new ReplicaId(new StoreId(Long.parseLong(name.substring(1))), endpoint.getPort());
    }

    static ReplicaId replica(String name) {
        PeerId peer = PeerId.parsePeer(name);
        if (peer == null) {
            throw new IllegalArgumentException("not the name of a replica: " + name);
        }
        return replica(peer);
    }

    /** Returns the peers called {@code names}. */
    static List<PeerId> parse(Collection<String> names) {
        return peers(names.stream().map(PeerNames::replica).toList());
    }

    static List<ReplicaId> replicas(@Nullable Collection<PeerId> peers) {
        List<ReplicaId> replicas = new ArrayList<>();
        if (peers != null) {
            for (PeerId peer : peers) {
                replicas.add(replica(peer));
            }
        }
        return replicas;
    }
}
