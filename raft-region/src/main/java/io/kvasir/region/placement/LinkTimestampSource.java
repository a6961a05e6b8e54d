package io.kvasir.region.placement;

import io.kvasir.proto.control.TimestampGrant;
import io.kvasir.proto.control.TimestampQuestion;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.TimestampSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The oracle's timestamps over the link, or by a direct call where the oracle's leader is in this process.
 *
 * <p>One request is out at a time. It asks for as many timestamps as there were callers when it was sent, and serves
 * them alone, in their order; who calls later waits for the next (rule K13). A request that is sent again is a new one:
 * the answer to the earlier is not used. A bound is used for less than its hold time from the instant its request was
 * sent, by the margin that two clocks may differ in rate (rule K12).
 *
 * <p>Safe for any thread; its state is guarded by {@code lock}, which is never held while a caller's code runs.
 */
public final class LinkTimestampSource implements TimestampSource {

    /** Callers that may wait; more get {@link #UNAVAILABLE} at once. */
    public static final int WAITING_MAX = TimestampQuestion.COUNT_MAX;

    /** A store that has not answered for so long is given up, in ms. */
    public static final int ATTEMPT_MILLIS = 1_000;

    /** A caller gets no timestamp after so long, give or take an attempt, in ms. */
    public static final int WAIT_MILLIS_MAX = 5_000;

    /** Part of the hold time that is not used, in percent: twice what two monotonic clocks may differ by in rate. */
    public static final int HOLD_MARGIN_PERCENT = 2;

    private record Bound(long timestamp, long untilNanos) {}

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final LeaderRoute route;
    private final Ticker ticker;
    private final AtomicInteger pumping = new AtomicInteger();

    private final Object lock = new Object();
    private List<LongConsumer> waiting = new ArrayList<>();
    private long oldestWaitingNanos;
    private boolean asking;

    private volatile long newestIssued;
    private volatile Bound bound = new Bound(0, 0);

    /** Makes a source that asks over {@code route}, which must be of channel TIMESTAMP. */
    public LinkTimestampSource(LeaderRoute route, Ticker ticker) {
        this.route = route;
        this.ticker = ticker;
    }

    @Override
    public void fetch(LongConsumer whenDone) {
        boolean full;
        synchronized (lock) {
            full = waiting.size() >= WAITING_MAX;
            if (!full) {
                if (waiting.isEmpty()) {
                    oldestWaitingNanos = ticker.nanoTime();
                }
                waiting.add(whenDone);
            }
        }
        if (full) {
            whenDone.accept(UNAVAILABLE);
        } else {
            pump();
        }
    }

    @Override
    public long newestIssued() {
        return newestIssued;
    }

    @Override
    public long bound() {
        Bound current = bound;
        return current.timestamp() != 0 && ticker.nanoTime() - current.untilNanos() < 0 ? current.timestamp() : 0;
    }

    /** Sends the next request if none is out. An answer that comes at once leaves the next to the loop it came from. */
    private void pump() {
        int missed = pumping.incrementAndGet();
        if (missed != 1) {
            return;
        }
        while (missed != 0) {
            askNext();
            missed = pumping.addAndGet(-missed);
        }
    }

    private void askNext() {
        List<LongConsumer> batch;
        long waitedNanos;
        synchronized (lock) {
            if (asking || waiting.isEmpty()) {
                return;
            }
            asking = true;
            batch = waiting;
            waiting = new ArrayList<>();
            waitedNanos = ticker.nanoTime() - oldestWaitingNanos;
        }
        int totalMillis = (int) Math.max(1, WAIT_MILLIS_MAX - waitedNanos / NANOS_PER_MILLI);
        byte[] request = new TimestampQuestion.Issue(batch.size()).encode();
        route.ask(request, ATTEMPT_MILLIS, totalMillis, (body, sentNanos) -> {
            @Nullable TimestampGrant grant = body == null ? null : TimestampGrant.decode(body);
            if (grant != null) {
                assert grant.count() == batch.size() : grant;
                learn(grant, sentNanos);
            }
            synchronized (lock) {
                asking = false;
            }
            pump();
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).accept(grant == null ? UNAVAILABLE : grant.first() + i);
            }
        });
    }

    private void learn(TimestampGrant grant, long sentNanos) {
        long holdNanos = grant.holdMillis() * NANOS_PER_MILLI / 100 * (100 - HOLD_MARGIN_PERCENT);
        synchronized (lock) {
            newestIssued = Math.max(newestIssued, grant.last());
            if (grant.bound() > bound.timestamp()) {
                bound = new Bound(grant.bound(), sentNanos + holdNanos);
            }
        }
    }
}
