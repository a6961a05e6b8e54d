package io.kvasir.gateway.server;

import io.kvasir.gateway.session.CommandMeter;
import io.kvasir.gateway.tracking.TrackedRead;
import io.kvasir.proto.reply.Reply;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The place of one command's reply in the order of its connection. {@link #accept} is called once, by any thread; all
 * else is confined to the connection's event loop.
 */
final class PendingReply implements Consumer<Reply> {

    private static final VarHandle REPLY;

    static {
        try {
            REPLY = MethodHandles.lookup().findVarHandle(PendingReply.class, "reply", Reply.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final @Nullable CommandMeter meter;
    final byte[][] words;
    final long startedNanos;
    final long requestBytes;
    final boolean resp3;
    final boolean silent;
    final boolean exclusive;

    private final Connection connection;
    private long finishedNanos;
    private @Nullable TrackedRead read;
    private List<Reply> following = List.of();

    @SuppressWarnings("UnusedVariable") // read through REPLY
    private @Nullable Reply reply;

    /**
     * @param meter where the command is counted; null if it already is
     * @param silent whether the client asked for no reply
     * @param exclusive whether the connection's later commands wait for this one
     */
    PendingReply(
            Connection connection,
            @Nullable CommandMeter meter,
            byte[][] words,
            long startedNanos,
            long requestBytes,
            boolean resp3,
            boolean silent,
            boolean exclusive) {
        this.connection = connection;
        this.meter = meter;
        this.words = words;
        this.startedNanos = startedNanos;
        this.requestBytes = requestBytes;
        this.resp3 = resp3;
        this.silent = silent;
        this.exclusive = exclusive;
    }

    @Override
    public void accept(Reply answer) {
        finishedNanos = connection.nanoTime();
        if (!REPLY.compareAndSet(this, null, answer)) {
            throw new IllegalStateException("a command was answered twice");
        }
        connection.answered();
    }

    /** Says what the command reads that the client may keep. */
    void reads(TrackedRead tracked) {
        read = tracked;
    }

    /** Returns what the command reads that the client may keep, null if nothing. */
    @Nullable
    TrackedRead read() {
        return read;
    }

    /** Has {@code message} sent once the reply is written. */
    void thenSend(Reply message) {
        if (following.isEmpty()) {
            following = new ArrayList<>();
        }
        following.add(message);
    }

    /** Returns what is to be sent once the reply is written. */
    List<Reply> following() {
        return following;
    }

    /** Returns the reply, null while there is none. */
    @Nullable
    Reply reply() {
        return (Reply) REPLY.getAcquire(this);
    }

    /** Returns the ns from the command's start to its reply, which is there. */
    long tookNanos() {
        return finishedNanos - startedNanos;
    }
}
