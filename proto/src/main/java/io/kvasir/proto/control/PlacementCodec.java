package io.kvasir.proto.control;

import com.google.protobuf.ByteString;
import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.ReplicaId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.placement.RegionMessage;
import io.kvasir.proto.placement.RegionViewMessage;
import io.kvasir.proto.placement.ReplicaMessage;
import io.kvasir.proto.placement.StoreMessage;
import io.kvasir.proto.placement.ViewReply;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;

/**
 * Messages of {@code placement.proto} to and from the types they stand for. Decoding throws
 * {@link IllegalArgumentException} where a message breaks an invariant of its type. Stateless.
 */
public final class PlacementCodec {

    /** Bytes of a cluster id. */
    public static final int CLUSTER_ID_BYTES = 16;

    /** The id of no cluster. */
    public static final UUID NO_CLUSTER = new UUID(0, 0);

    private PlacementCodec() {}

    public static ByteString clusterId(UUID id) {
        return ByteString.copyFrom(ByteBuffer.allocate(CLUSTER_ID_BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .flip());
    }

    /** Returns the id in {@code bytes}; none is {@link #NO_CLUSTER}. */
    public static UUID clusterId(ByteString bytes) {
        if (bytes.isEmpty()) {
            return NO_CLUSTER;
        }
        if (bytes.size() != CLUSTER_ID_BYTES) {
            throw new IllegalArgumentException("cluster id of " + bytes.size() + " bytes");
        }
        ByteBuffer buffer = bytes.asReadOnlyByteBuffer();
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    public static RegionMessage region(RegionDescriptor descriptor) {
        RegionMessage.Builder message = RegionMessage.newBuilder()
                .setId(descriptor.id().value())
                .setStart(ByteString.copyFrom(descriptor.start()))
                .setEnd(ByteString.copyFrom(descriptor.end()))
                .setConfVersion(descriptor.epoch().confVersion())
                .setVersion(descriptor.epoch().version());
        for (ReplicaId voter : descriptor.voters()) {
            message.addVoters(
                    ReplicaMessage.newBuilder().setStore(voter.store().value()).setIncarnation(voter.incarnation()));
        }
        return message.build();
    }

    public static RegionDescriptor region(RegionMessage message) {
        return new RegionDescriptor(
                new RegionId(message.getId()),
                message.getStart().toByteArray(),
                message.getEnd().toByteArray(),
                new Epoch(message.getConfVersion(), message.getVersion()),
                message.getVotersList().stream()
                        .map(voter -> new ReplicaId(new StoreId(voter.getStore()), voter.getIncarnation()))
                        .toList());
    }

    public static StoreMessage store(StoreEntry store) {
        return StoreMessage.newBuilder()
                .setId(store.id().value())
                .setAddress(store.address())
                .setNonce(store.nonce())
                .putAllLabels(store.labels())
                .build();
    }

    public static StoreEntry store(StoreMessage message) {
        return new StoreEntry(
                new StoreId(message.getId()), message.getAddress(), message.getNonce(), message.getLabelsMap());
    }

    public static ViewReply view(ClusterView view) {
        ViewReply.Builder reply = ViewReply.newBuilder()
                .setTerm(view.revision().term())
                .setNumber(view.revision().number())
                .setClusterId(clusterId(view.clusterId()))
                .setSettingsRevision(view.settingsRevision());
        view.stores().forEach(store -> reply.addStores(store(store)));
        view.placementVoters().forEach(voter -> reply.addPlacementVoters(replica(voter)));
        for (RegionEntry region : view.regions()) {
            reply.addRegions(RegionViewMessage.newBuilder()
                    .setRegion(region(region.descriptor()))
                    .setPreferredLeader(region.preferredLeader().value())
                    .setLeader(region.leaderStore())
                    .setLeaderTerm(region.leaderTerm())
                    .addAllWanted(messages(region.wanted())));
        }
        return reply.build();
    }

    public static ClusterView view(ViewReply reply) {
        return new ClusterView(
                new ViewRevision(reply.getTerm(), reply.getNumber()),
                clusterId(reply.getClusterId()),
                reply.getStoresList().stream()
                        .map(PlacementCodec::store)
                        .sorted(Comparator.comparing(StoreEntry::id))
                        .toList(),
                reply.getRegionsList().stream().map(PlacementCodec::region).toList(),
                reply.getSettingsRevision(),
                replicas(reply.getPlacementVotersList()));
    }

    public static ReplicaMessage replica(ReplicaId replica) {
        return ReplicaMessage.newBuilder()
                .setStore(replica.store().value())
                .setIncarnation(replica.incarnation())
                .build();
    }

    /** Returns {@code replicas} as messages. */
    public static List<ReplicaMessage> messages(List<ReplicaId> replicas) {
        return replicas.stream().map(PlacementCodec::replica).toList();
    }

    /** Returns the replicas in {@code messages}, ordered. */
    public static List<ReplicaId> replicas(List<ReplicaMessage> messages) {
        return messages.stream()
                .map(message -> new ReplicaId(new StoreId(message.getStore()), message.getIncarnation()))
                .sorted()
                .toList();
    }

    private static RegionEntry region(RegionViewMessage message) {
        return new RegionEntry(
                region(message.getRegion()),
                new StoreId(message.getPreferredLeader()),
                message.getLeader(),
                message.getLeaderTerm(),
                replicas(message.getWantedList()));
    }
}
