package io.kvasir.txn;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Awaiting;
import io.kvasir.region.Invocation;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;

/**
 * Runs parsed commands where their keys are. Two implementations: {@link Router} over ranges, and one over a
 * transaction in memory for tests of the gateway. Safe for any thread; no method waits, but {@link #pin}.
 */
public interface CommandExecutor {

    /**
     * Runs {@code invocation}, the parsed form of {@code request}, at the range that holds all its user keys; one that
     * declares none is taken to need the whole key space. Commands of one session for one range take effect in the
     * order of the calls; replies may come in any order.
     *
     * @param whenDone gets the reply exactly once, on any thread, perhaps before this returns. Keys in several ranges
     *     are answered by an error <code>CROSSRANGE</code>; an unknown outcome by an error <code>UNDETERMINED</code>
     */
    void execute(Request request, Invocation invocation, Consumer<Reply> whenDone);

    /**
     * Runs {@code awaiting}, the parsed form of {@code request}, as {@link #execute} does, but waits if it finds
     * nothing, until it is served or its time is up (rule K31). The caller begins no command of the session meanwhile.
     *
     * @param timeoutNanos how long it waits, 0 for ever
     * @param timedOut what it is answered when its time is up
     * @param whenDone gets the reply exactly once, on any thread, perhaps before this returns
     */
    Waiting await(Request request, Awaiting awaiting, long timeoutNanos, Reply timedOut, Consumer<Reply> whenDone);

    /** A command that may wait for data. Safe for any thread. */
    interface Waiting {

        /** Returns whether it waits now. */
        boolean isBlocked();

        /**
         * Ends the wait, if it waits: it is answered {@code reply} unless it is served first. Returns whether it was.
         */
        boolean end(Reply reply);

        /** Its client is gone. */
        void abandon();
    }

    /**
     * Runs {@code invocation}, a read, at a replica here that holds all that was acknowledged to anybody before an
     * instant, or as {@link #execute} does if that cannot be. The caller sees to it that no command of the session is
     * under way.
     *
     * @param since the instant, a reading of this process' monotonic clock; empty if any that the replica has been
     *     level with will do
     * @param fromReplica gets the reply of a replica; or else {@code fromLeader} that of {@link #execute}
     */
    void executeAtReplica(
            Request request,
            Invocation invocation,
            OptionalLong since,
            Consumer<Reply> fromReplica,
            Consumer<Reply> fromLeader);

    /**
     * Runs {@code invocation} over what stood at a timestamp, whatever ranges its keys are in; what it would write is
     * dropped.
     *
     * @param timestamp gets the newest timestamp and returns the one to read at
     * @param whenDone gets the reply exactly once, on any thread: an error if the timestamp is above the newest, or if
     *     a range does not know any more what stood then
     */
    void readAt(LongUnaryOperator timestamp, Invocation invocation, Consumer<Reply> whenDone);

    /**
     * Runs {@code invocation} at the leader of {@code region}, whatever its keys are. If the region is no longer what
     * {@code region} says, the reply is an error <code>TRYAGAIN</code> and the caller starts again with
     * {@link #regions}.
     */
    void executeAt(RegionDescriptor region, Request request, Invocation invocation, Consumer<Reply> whenDone);

    /** Returns the regions as known here, in key order; together they cover the key space. */
    List<RegionDescriptor> regions();

    /**
     * Opens a snapshot of the whole key space, of the moment of the call. On a strand: it waits.
     *
     * @param databases how many databases will be read
     */
    PinnedSnapshot pin(int databases) throws SnapshotRefused;

    /** A connection of {@code session} ended: nothing more will come from it. */
    void sessionEnded(long session);
}
