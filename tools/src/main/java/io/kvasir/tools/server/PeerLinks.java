package io.kvasir.tools.server;

import io.kvasir.proto.control.StoreEntry;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.AddressBook;
import io.kvasir.region.link.GrpcLink;
import io.kvasir.region.link.Link;
import io.kvasir.region.link.LinkSettings;
import io.kvasir.region.link.PeerListener;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.tls.LiveTls;
import io.kvasir.tools.config.HostPort;
import io.kvasir.tools.config.NodeConfig;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The link of a node with its address book: from the configuration first, then from what the stores register. */
final class PeerLinks {

    private static final Logger LOG = LoggerFactory.getLogger(PeerLinks.class);

    private final AddressBook addresses = new AddressBook();
    private final GrpcLink link;

    /**
     * Listens for peers and begins to know those that {@code config} names.
     *
     * @param tls what peers are spoken to with, empty for none
     * @throws IOException if the peer port cannot be bound
     */
    PeerLinks(NodeConfig config, Ticker ticker, Optional<LiveTls> tls) throws IOException {
        config.peers().forEach((id, address) -> addresses.put(new StoreId(id), address(address)));
        PeerListener listener = (peer, up) -> LOG.info("peer changed, peer={} up={}", peer, up);
        LinkSettings settings = new LinkSettings(
                new StoreId(config.nodeId()),
                Long.toString(config.clusterId()),
                config.listen().peerBind(),
                config.listen().peerPort());
        link = tls.isPresent()
                ? GrpcLink.openTls(settings, addresses, ticker, listener, tls.get())
                : GrpcLink.open(settings, addresses, ticker, listener);
    }

    Link link() {
        return link;
    }

    /** Uses the addresses that stores have registered. */
    void learn(List<StoreEntry> stores) {
        stores.forEach(store -> addresses.put(store.id(), address(HostPort.parse(store.address()))));
    }

    private static AddressBook.Address address(HostPort address) {
        return new AddressBook.Address(address.host(), address.port());
    }
}
