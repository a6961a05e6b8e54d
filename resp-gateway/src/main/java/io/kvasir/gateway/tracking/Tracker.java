package io.kvasir.gateway.tracking;

import io.kvasir.proto.reply.Reply;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client's side of client-side caching. Written by the client's event loop, but for what {@link Tracking} notes of
 * a broken redirection; read by any thread.
 */
public final class Tracker implements Interest {

    private final long id;
    private final BooleanSupplier resp3;
    private final BooleanSupplier subscribes;
    private final Consumer<Reply> outlet;
    private final Consumer<Reply> outletAfterReplies;

    private volatile @Nullable TrackingMode mode;
    private volatile boolean redirectionBroken;

    /** Whether it has read nothing since it was told to forget all. */
    volatile boolean emptied;

    private boolean caching;
    private boolean cachingNext;

    /**
     * @param id of the client
     * @param outlet sends a message between replies
     * @param outletAfterReplies sends a message behind the replies that are owed now; both are called by any thread
     */
    public Tracker(
            long id,
            BooleanSupplier resp3,
            BooleanSupplier subscribes,
            Consumer<Reply> outlet,
            Consumer<Reply> outletAfterReplies) {
        this.id = id;
        this.resp3 = resp3;
        this.subscribes = subscribes;
        this.outlet = outlet;
        this.outletAfterReplies = outletAfterReplies;
    }

    long id() {
        return id;
    }

    /** Returns how the client is told of changes, null if it is not. */
    public @Nullable TrackingMode mode() {
        return mode;
    }

    void mode(@Nullable TrackingMode now) {
        mode = now;
        redirectionBroken = false;
        if (now == null) {
            cachingNext = false;
            caching = false;
        }
    }

    /** Returns whether the client that it redirects to was found gone. */
    public boolean isRedirectionBroken() {
        return redirectionBroken;
    }

    void redirectionBroken() {
        redirectionBroken = true;
    }

    boolean speaksResp3() {
        return resp3.getAsBoolean();
    }

    boolean isSubscriber() {
        return subscribes.getAsBoolean();
    }

    void send(Reply message) {
        outlet.accept(message);
    }

    void sendAfterReplies(Reply message) {
        outletAfterReplies.accept(message);
    }

    /** CLIENT CACHING was called: the next command, or transaction, is an exception from the rule. */
    public void cachingNext() {
        cachingNext = true;
    }

    /** Returns whether CLIENT CACHING stands for the next command. */
    public boolean isCachingGiven() {
        return cachingNext;
    }

    /** A command begins; {@code keeps} says whether what CLIENT CACHING said stands for the next one as well. */
    public void begin(boolean keeps) {
        caching = cachingNext;
        cachingNext &= keeps;
    }

    /** Returns whether what the command that began last reads is to be remembered. */
    public boolean remembers() {
        TrackingMode now = mode;
        return now != null && !(now.optIn() && !caching) && !(now.optOut() && caching);
    }
}
