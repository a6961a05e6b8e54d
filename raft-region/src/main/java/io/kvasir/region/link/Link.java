package io.kvasir.region.link;

import io.kvasir.proto.id.StoreId;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The messages between stores. Each direction of a store pair is one stream: requests on it arrive in the order sent,
 * or not at all, and a broken stream answers all that is outstanding with a failure. Two implementations: gRPC and
 * simulation.
 *
 * <p>Safe for any thread; no method waits.
 */
public interface Link extends AutoCloseable {

    /** Longest request, and longest answer, in bytes. */
    int REQUEST_BYTES_MAX = 32 << 20;

    /** What a frame is for; numbers are part of the wire format and never reused. */
    enum Channel {
        /** Raft messages of all groups. */
        RAFT(1),
        /** Leases, failure detection and read-index rounds, coalesced per store pair. */
        LEASE(2),
        /** Commands for ranges led by the receiver. */
        COMMAND(3),
        /** Requests to the placement driver. */
        PLACEMENT(4),
        /** Timestamp requests. */
        TIMESTAMP(5),
        /**
         * Files of snapshots. They have a stream and a connection of their own, so that nothing else waits behind them;
         * {@link Link#isUp} says nothing of it.
         */
        BULK(6),
        /** Messages that clients publish, and who subscribes, between gateways. */
        PUBSUB(7),
        /** Commands that wait for data at the ranges led by the receiver; an answer may take for ever. */
        WAIT(8);

        private final int number;

        Channel(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }
    }

    /** Why a request has no answer. Whether it reached the other side is unknown unless {@code sent} is false. */
    record Failure(String reason, boolean sent) {}

    /**
     * Gets the answer to a request, or why there is none; exactly one of the two is null. Called once, on any thread.
     */
    @FunctionalInterface
    interface Answer {
        void accept(byte @Nullable [] response, @Nullable Failure failure);
    }

    /**
     * Serves the requests of one channel. Called in the order sent for each sender, by one thread for each sender,
     * which it must not hold up; it answers by {@code respond}, at most once, on any thread.
     */
    @FunctionalInterface
    interface Handler {
        void handle(StoreId from, byte[] request, Consumer<byte[]> respond);

        /**
         * A stream from {@code from} has ended: what it asked and was not answered never will be. Requests of a stream
         * that has taken its place may have come already. By any thread, which must not be held up.
         */
        default void streamEnded(StoreId from) {}
    }

    /** Returns the store at this end. */
    StoreId self();

    /** Sends {@code request} to {@code to}; {@code answer} hears of it within {@code timeoutMillis}. */
    void send(StoreId to, Channel channel, byte[] request, int timeoutMillis, Answer answer);

    /** Sets the handler of {@code channel}, once, before the first request. */
    void serve(Channel channel, Handler handler);

    /** Returns whether the stream to {@code to} is up. Never waits; begins to connect if it is not. */
    boolean isUp(StoreId to);

    @Override
    void close();
}
