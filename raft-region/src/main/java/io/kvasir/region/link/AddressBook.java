package io.kvasir.region.link;

import io.kvasir.proto.id.StoreId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Where stores can be reached. A change is used by the next attempt to connect. Safe for any thread. */
public final class AddressBook {

    /** A host name or address, and a port from 1 to 65535. */
    public record Address(String host, int port) {

        public Address {
            if (host.isBlank() || port < 1 || port > 65_535) {
                throw new IllegalArgumentException("no address: " + host + ":" + port);
            }
        }

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    private final Map<StoreId, Address> addresses = new ConcurrentHashMap<>();

    /** Notes that {@code store} is at {@code address} from now on. */
    public void put(StoreId store, Address address) {
        addresses.put(store, address);
    }

    /** Forgets {@code store}. */
    public void remove(StoreId store) {
        addresses.remove(store);
    }

    /** Returns where {@code store} is, if known. */
    public Optional<Address> find(StoreId store) {
        return Optional.ofNullable(addresses.get(store));
    }
}
