package io.kvasir.region.link;

import io.kvasir.proto.id.StoreId;

/**
 * What a link needs to know of its own store.
 *
 * @param self the store at this end
 * @param cluster the cluster's id; stores of another cluster are refused
 * @param host address to listen at
 * @param port port to listen at; 0 takes a free one
 */
public record LinkSettings(StoreId self, String cluster, String host, int port) {

    public LinkSettings {
        if (cluster.isBlank() || host.isBlank() || port < 0 || port > 65_535) {
            throw new IllegalArgumentException(
                    "bad link settings: cluster " + cluster + ", listen at " + host + ":" + port);
        }
    }
}
