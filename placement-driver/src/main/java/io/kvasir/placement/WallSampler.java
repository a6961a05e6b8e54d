package io.kvasir.placement;

import io.kvasir.placement.oracle.Oracle;
import io.kvasir.placement.oracle.WallTime;
import io.kvasir.proto.control.Envelope;
import io.kvasir.proto.control.TimestampQuestion;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.Link;
import io.kvasir.region.time.Ticker;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks all placement replicas for their wall clocks while this one leads, and tells the oracle what a majority agrees
 * on. A round ends as soon as a majority agrees, or at the next round. Confined to the placement thread.
 */
final class WallSampler {

    /** Time between rounds, in ms. */
    static final int ROUND_MILLIS = 1_000;

    /** An answer that took longer says too little, in ms. */
    static final int ROUND_TRIP_MILLIS_MAX = 400;

    /** After so many rounds without agreement an oracle that has no time at all takes this replica's. */
    static final int ROUNDS_UNTIL_OWN = 3;

    private static final Logger LOG = LoggerFactory.getLogger(WallSampler.class);

    private static final long NANOS_PER_MILLI = 1_000_000;

    /** Wall time less monotonic time of each replica heard, in ms. */
    private static final class Round {
        final long[] offsetsMillis;
        int heard;

        Round(int replicas) {
            offsetsMillis = new long[replicas];
        }

        long[] heard() {
            return Arrays.copyOf(offsetsMillis, heard);
        }
    }

    private final Link link;
    private final List<StoreId> replicas;
    private final Oracle oracle;
    private final Ticker ticker;
    private final InstantSource wall;
    private final Executor thread;
    private @Nullable Round round;
    private long nextRoundNanos;
    private int disputedRounds;

    WallSampler(Link link, List<StoreId> replicas, Oracle oracle, Ticker ticker, InstantSource wall, Executor thread) {
        this.link = link;
        this.replicas = replicas;
        this.oracle = oracle;
        this.ticker = ticker;
        this.wall = wall;
        this.thread = thread;
    }

    /** Begins a round now. */
    void start(long nowNanos) {
        disputedRounds = 0;
        begin(nowNanos);
    }

    /** Begins a round if it is time. */
    void tick(long nowNanos) {
        if (nowNanos - nextRoundNanos >= 0) {
            if (round != null) {
                disputed(nowNanos);
            }
            begin(nowNanos);
        }
    }

    /** Ends the round without a result. */
    void stop() {
        round = null;
    }

    private void begin(long nowNanos) {
        nextRoundNanos = nowNanos + ROUND_MILLIS * NANOS_PER_MILLI;
        Round mine = new Round(replicas.size());
        round = mine;
        add(mine, wall.millis(), ticker.nanoTime());
        byte[] request = new TimestampQuestion.WallTime().encode();
        for (StoreId replica : replicas) {
            if (!replica.equals(link.self())) {
                long sentNanos = ticker.nanoTime();
                link.send(replica, Link.Channel.TIMESTAMP, request, ROUND_MILLIS, (response, failure) -> {
                    long receivedNanos = ticker.nanoTime();
                    if (response != null && receivedNanos - sentNanos <= ROUND_TRIP_MILLIS_MAX * NANOS_PER_MILLI) {
                        long atNanos = sentNanos + (receivedNanos - sentNanos) / 2;
                        wallMillis(response).ifPresent(millis -> thread.execute(() -> add(mine, millis, atNanos)));
                    }
                });
            }
        }
    }

    private void add(Round to, long wallMillis, long atNanos) {
        if (round != to) {
            return;
        }
        to.offsetsMillis[to.heard++] = wallMillis - atNanos / NANOS_PER_MILLI;
        OptionalLong agreed = WallTime.agreedOffset(to.heard(), replicas.size());
        if (agreed.isPresent()) {
            round = null;
            disputedRounds = 0;
            long nowNanos = ticker.nanoTime();
            oracle.wallTimeAgreed(agreed.getAsLong() + nowNanos / NANOS_PER_MILLI, replicas.size(), nowNanos);
        }
    }

    private void disputed(long nowNanos) {
        disputedRounds++;
        oracle.wallTimeDisputed(nowNanos);
        if (disputedRounds == ROUNDS_UNTIL_OWN) {
            LOG.warn("no majority of placement replicas agrees on the wall time");
            if (oracle.clockMillis(nowNanos) == 0) {
                oracle.wallTimeAgreed(wall.millis(), replicas.size(), nowNanos);
            }
        }
    }

    private static OptionalLong wallMillis(byte[] response) {
        boolean wellFormed = response.length == 1 + Long.BYTES && response[0] == Envelope.ANSWERED;
        return wellFormed
                ? OptionalLong.of(ByteBuffer.wrap(response, 1, Long.BYTES).getLong())
                : OptionalLong.empty();
    }
}
