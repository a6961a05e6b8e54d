package io.kvasir.tools.server;

import io.kvasir.gateway.session.ClusterView.Node;
import io.kvasir.gateway.session.ClusterView.SlotRange;
import io.kvasir.proto.control.ClusterView;
import io.kvasir.proto.control.RegionEntry;
import io.kvasir.proto.control.StoreEntry;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.Slot;
import io.kvasir.region.link.Link;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.RangeTable;
import io.kvasir.tools.config.HostPort;
import io.kvasir.tools.config.NodeConfig;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The map from slots to nodes that cluster clients are shown: who leads the range of each slot, as the replica here
 * knows it, else as the placement driver last heard. Safe for any thread.
 */
final class SlotMap {

    /** Label under which a store registers where its gateway serves clients. */
    static final String CLIENT_ADDRESS = "client-address";

    /** Label under which a store registers the port for clients that speak TLS, if it has one. */
    static final String CLIENT_TLS_PORT = "client-tls-port";

    /** Label under which a store registers that it has no port for clients that do not. */
    static final String CLIENT_TLS_ONLY = "client-tls-only";

    private final NodeConfig config;
    private final Link link;
    private final RangeTable ranges;
    private volatile ClusterView view;

    SlotMap(NodeConfig config, Link link, RangeTable ranges, ClusterView view) {
        this.config = config;
        this.link = link;
        this.ranges = ranges;
        this.view = view;
    }

    /** Returns the labels that tell others where the node of {@code config} serves clients. */
    static Map<String, String> labels(NodeConfig config) {
        NodeConfig.Listen listen = config.listen();
        int tlsPort = config.tls().port();
        boolean tlsOnly = listen.redisPort() == 0;
        Map<String, String> labels = new TreeMap<>();
        labels.put(CLIENT_ADDRESS, listen.advertise() + ":" + (tlsOnly ? tlsPort : listen.redisPort()));
        if (tlsPort > 0) {
            labels.put(CLIENT_TLS_PORT, Integer.toString(tlsPort));
        }
        if (tlsOnly) {
            labels.put(CLIENT_TLS_ONLY, "yes");
        }
        return labels;
    }

    void learn(ClusterView newer) {
        view = newer;
    }

    /** Returns all stores known. */
    List<StoreId> stores() {
        return view.stores().stream().map(StoreEntry::id).toList();
    }

    /** Returns the store of a node of the map. */
    Optional<StoreId> storeOf(Node node) {
        return stores().stream()
                .filter(store -> nodeId(store).equals(node.id()))
                .findFirst();
    }

    /** Returns the map at this moment. */
    io.kvasir.gateway.session.ClusterView current() {
        ClusterView known = view;
        StoreId self = new StoreId(config.nodeId());
        List<Node> nodes = new ArrayList<>();
        int me = -1;
        for (StoreEntry store : known.stores()) {
            if (store.id().equals(self)) {
                me = nodes.size();
            }
            nodes.add(node(known, store, store.id().equals(self)));
        }
        if (me < 0) {
            throw new IllegalStateException("the view of the cluster lacks this store, " + self);
        }
        return new io.kvasir.gateway.session.ClusterView(epoch(known), me, nodes);
    }

    private Node node(ClusterView known, StoreEntry store, boolean self) {
        HostPort peer = HostPort.parse(store.address());
        HostPort client = HostPort.parse(store.labels().getOrDefault(CLIENT_ADDRESS, store.address()));
        return new Node(
                nodeId(store.id()),
                client.host(),
                store.labels().containsKey(CLIENT_TLS_ONLY) ? 0 : client.port(),
                Integer.parseInt(store.labels().getOrDefault(CLIENT_TLS_PORT, "0")),
                peer.port(),
                self || link.isUp(store.id()),
                slotsLedBy(known, store.id()));
    }

    private List<SlotRange> slotsLedBy(ClusterView known, StoreId store) {
        List<SlotRange> slots = new ArrayList<>();
        List<RegionEntry> regions = known.regions();
        for (int i = 0; i < regions.size(); i++) {
            RegionEntry region = regions.get(i);
            int first = region.descriptor().firstSlot();
            int end = i + 1 < regions.size() ? regions.get(i + 1).descriptor().firstSlot() : Slot.COUNT;
            if (first < end && leaderOf(region).equals(Optional.of(store))) {
                slots.add(new SlotRange(first, end - 1));
            }
        }
        return slots;
    }

    private Optional<StoreId> leaderOf(RegionEntry region) {
        Optional<StoreId> here = ranges.find(region.descriptor().id()).flatMap(Range::leader);
        return here.isPresent() ? here : region.leader();
    }

    /** Rises with the terms of the regions, one at least of which rises with every change of leader. */
    private static long epoch(ClusterView known) {
        return known.regions().stream().mapToLong(RegionEntry::leaderTerm).sum();
    }

    private String nodeId(StoreId store) {
        try {
            byte[] name = ("kvasir " + config.clusterId() + " " + store.value()).getBytes(StandardCharsets.US_ASCII);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(name));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-1", impossible);
        }
    }
}
