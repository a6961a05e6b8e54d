package io.kvasir.region.link;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCalls;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.AddressBook.Address;
import io.kvasir.region.time.Ticker;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Another store, as seen from here by one class of streams: its address, the stream to it if there is one, and when to
 * try again if there is none. The volatile stream is read by any thread; everything else is guarded by this.
 */
final class Peer {

    /** First pause between two attempts to connect, nanoseconds; it doubles up to {@link #BACKOFF_NANOS_MAX}. */
    static final long BACKOFF_NANOS_MIN = 50_000_000L;

    /** Longest pause between two attempts to connect, nanoseconds. */
    static final long BACKOFF_NANOS_MAX = 1_000_000_000L;

    private static final Logger LOG = LoggerFactory.getLogger(Peer.class);

    private final LinkSettings settings;
    private final StoreId store;
    private final int streamClass;
    private final AddressBook addresses;
    private final Ticker ticker;
    private final Function<Address, ManagedChannel> connector;
    private final PeerListener listener;
    private volatile @Nullable OutgoingStream stream;
    private @Nullable ManagedChannel channel;
    private @Nullable Address channelAddress;
    private @Nullable String lastReason;
    private boolean reached;
    private long backoff = BACKOFF_NANOS_MIN;
    private long notBefore;
    private boolean closed;

    Peer(
            LinkSettings settings,
            StoreId store,
            int streamClass,
            AddressBook addresses,
            Ticker ticker,
            Function<Address, ManagedChannel> connector,
            PeerListener listener) {
        this.settings = settings;
        this.store = store;
        this.streamClass = streamClass;
        this.addresses = addresses;
        this.ticker = ticker;
        this.connector = connector;
        this.listener = listener;
        this.notBefore = ticker.nanoTime();
    }

    /** Returns the stream if it is up; begins to connect if there is none. */
    @Nullable
    OutgoingStream streamIfUp() {
        OutgoingStream present = stream;
        if (present == null) {
            connect();
            return null;
        }
        return present.isUp() ? present : null;
    }

    void expire(long now) {
        OutgoingStream present = stream;
        if (present != null) {
            present.expire(now);
        }
    }

    void close() {
        OutgoingStream present;
        synchronized (this) {
            closed = true;
            present = stream;
        }
        if (present != null) {
            present.end("this store closes its link");
        }
        synchronized (this) {
            if (channel != null) {
                channel.shutdownNow();
                channel = null;
            }
        }
    }

    private void connect() {
        OutgoingStream fresh;
        ManagedChannel open;
        synchronized (this) {
            if (closed || stream != null || ticker.nanoTime() - notBefore < 0) {
                return;
            }
            Optional<Address> address = addresses.find(store);
            if (address.isEmpty()) {
                note("no address is known");
                notBefore = ticker.nanoTime() + BACKOFF_NANOS_MAX;
                return;
            }
            open = channelTo(address.get());
            Hello mine = new Hello(Frame.FORMAT, streamClass, settings.self(), store, settings.cluster());
            fresh = new OutgoingStream(mine, ticker, this::up, this::down);
            stream = fresh;
        }
        try {
            // The channel has a back-off of its own, which may be minutes.
            open.resetConnectBackoff();
            ClientCalls.asyncBidiStreamingCall(open.newCall(GrpcLink.EXCHANGE, CallOptions.DEFAULT), fresh);
            fresh.greet();
        } catch (RuntimeException e) {
            fresh.end("cannot connect: " + e.getMessage());
        }
    }

    private ManagedChannel channelTo(Address address) {
        ManagedChannel present = channel;
        if (present != null && address.equals(channelAddress)) {
            return present;
        }
        if (present != null) {
            present.shutdownNow();
        }
        ManagedChannel fresh = connector.apply(address);
        channel = fresh;
        channelAddress = address;
        return fresh;
    }

    private void up(OutgoingStream from) {
        synchronized (this) {
            backoff = BACKOFF_NANOS_MIN;
            lastReason = null;
            reached = true;
        }
        LOG.info("reached a store, store={}, class={}", store, streamClass);
        listener.changed(store, true);
    }

    private void down(String reason) {
        boolean wasUp;
        synchronized (this) {
            wasUp = reached;
            reached = false;
            note(reason);
            stream = null;
            notBefore = ticker.nanoTime() + backoff;
            backoff = Math.min(2 * backoff, BACKOFF_NANOS_MAX);
        }
        if (wasUp) {
            listener.changed(store, false);
        }
    }

    /** One line for each new reason, not for each attempt. */
    private void note(String reason) {
        if (!reason.equals(lastReason) && !closed) {
            LOG.warn("cannot reach a store, store={}, reason={}", store, reason);
        }
        lastReason = reason;
    }
}
