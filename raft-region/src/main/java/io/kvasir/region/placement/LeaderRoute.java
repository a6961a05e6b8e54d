package io.kvasir.region.placement;

import io.kvasir.proto.control.Envelope;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.Link;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.Timer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks whichever placement store leads: it keeps to the store that answered last, follows those that name another, and
 * goes round when they do not know. A request is sent again until it is answered or its time is up, so it must be one
 * that may take effect twice.
 *
 * <p>A placement store in this process is called directly, without the link and without another thread.
 *
 * <p>Safe for any thread; no method waits.
 */
public final class LeaderRoute {

    /** Wait before a request is sent again, in ms. */
    static final int RETRY_MILLIS = 20;

    /** Times a request follows a named leader at once; then it waits before each try. */
    static final int REDIRECTS_AT_ONCE_MAX = 3;

    /** Takes the answer's body and the local instant at which the answered request was sent; null if time is up. */
    @FunctionalInterface
    public interface Answer {
        void accept(byte @Nullable [] body, long sentNanos);
    }

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Link link;
    private final Link.Channel channel;
    private final List<StoreId> stores;
    private final Link.@Nullable Handler local;
    private final Ticker ticker;
    private final Timer timer;
    private volatile StoreId target;

    /**
     * Makes a route to {@code stores}, at least one.
     *
     * @param local what serves {@code channel} in this process, null if it is no placement store
     */
    public LeaderRoute(
            Link link,
            Link.Channel channel,
            List<StoreId> stores,
            Link.@Nullable Handler local,
            Ticker ticker,
            Timer timer) {
        this.link = link;
        this.channel = channel;
        this.stores = List.copyOf(stores);
        this.local = local;
        this.ticker = ticker;
        this.timer = timer;
        this.target = local != null ? link.self() : stores.getFirst();
    }

    /**
     * Asks {@code request}.
     *
     * @param attemptMillis how long one store may take to answer
     * @param totalMillis after which no further attempt begins; {@code answer} hears within {@code totalMillis +
     *     attemptMillis}, exactly once, on any thread, perhaps before this returns
     */
    public void ask(byte[] request, int attemptMillis, int totalMillis, Answer answer) {
        attempt(new Ask(request, attemptMillis, ticker.nanoTime() + totalMillis * NANOS_PER_MILLI, answer), 0);
    }

    private record Ask(byte[] request, int attemptMillis, long untilNanos, Answer answer) {}

    private void attempt(Ask ask, int redirects) {
        StoreId to = target;
        long sentNanos = ticker.nanoTime();
        if (local != null && to.equals(link.self())) {
            local.handle(to, ask.request(), response -> answered(ask, redirects, to, sentNanos, response));
        } else {
            link.send(to, channel, ask.request(), ask.attemptMillis(), (response, failure) -> {
                if (response != null) {
                    answered(ask, redirects, to, sentNanos, response);
                } else {
                    turnFrom(to);
                    retry(ask);
                }
            });
        }
    }

    private void answered(Ask ask, int redirects, StoreId from, long sentNanos, byte[] response) {
        Envelope envelope;
        try {
            envelope = Envelope.decode(response);
        } catch (IllegalArgumentException malformed) {
            turnFrom(from);
            retry(ask);
            return;
        }
        switch (envelope) {
            case Envelope.Answered answer -> ask.answer().accept(answer.body(), sentNanos);
            case Envelope.Unknown unknown -> retry(ask);
            case Envelope.NotLeader other -> {
                StoreId named = other.leader().filter(stores::contains).orElse(from);
                if (named.equals(from)) {
                    turnFrom(from);
                    retry(ask);
                } else {
                    target = named;
                    if (redirects < REDIRECTS_AT_ONCE_MAX) {
                        attempt(ask, redirects + 1);
                    } else {
                        retry(ask);
                    }
                }
            }
        }
    }

    private void retry(Ask ask) {
        if (ticker.nanoTime() + RETRY_MILLIS * NANOS_PER_MILLI - ask.untilNanos() >= 0) {
            ask.answer().accept(null, 0);
        } else {
            timer.after(RETRY_MILLIS, () -> attempt(ask, 0));
        }
    }

    /** Asks the store after {@code failed} next, unless another answer has already chosen one. */
    private void turnFrom(StoreId failed) {
        if (target.equals(failed)) {
            target = stores.get((stores.indexOf(failed) + 1) % stores.size());
        }
    }
}
