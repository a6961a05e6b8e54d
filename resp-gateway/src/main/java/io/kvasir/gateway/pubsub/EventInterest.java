package io.kvasir.gateway.pubsub;

import io.kvasir.proto.id.StoreId;
import io.kvasir.region.range.ListenerSwitch;
import io.kvasir.region.time.Ticker;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Whether any gateway of the cluster wants keyspace events, so that the leaders here record them (rule K35). A gateway
 * that does says so to all others when that is configured and then again and again; one that is silent for a while has
 * stopped. What it says and the commands it forwards travel in one order, so that its own commands find the events
 * switched on. Safe for any thread.
 */
final class EventInterest {

    /** How often a gateway that wants events says so, in ms. */
    static final int REPEAT_MILLIS = 1_000;

    /** How long a gateway counts after it said so last. */
    static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Ticker ticker;
    private final ListenerSwitch listeners;
    private final Map<StoreId, Long> heardNanos = new ConcurrentHashMap<>();
    private volatile boolean here;

    EventInterest(Ticker ticker, ListenerSwitch listeners) {
        this.ticker = ticker;
        this.listeners = listeners;
    }

    /** Notes whether this gateway's own clients may want events. */
    synchronized void here(boolean wanted) {
        here = wanted;
        review();
    }

    /** Notes that the gateway of {@code store} wants events. */
    synchronized void heardFrom(StoreId store) {
        heardNanos.put(store, ticker.nanoTime());
        review();
    }

    /** Forgets who has been silent for too long. */
    synchronized void review() {
        long now = ticker.nanoTime();
        heardNanos.values().removeIf(heard -> now - heard > KEPT_NANOS);
        listeners.set(here || !heardNanos.isEmpty());
    }
}
