package io.kvasir.txn;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import java.util.function.Consumer;

/** A command in a stream, from its arrival to its reply. Its mutable part is guarded by its stream. */
final class RoutedCommand {

    final Request request;
    final Invocation invocation;
    final int[] hashes;
    final long giveUpNanos;

    private final Consumer<Reply> whenDone;

    /** Place in the stream: what is sent again is sent in this order. */
    long sequence;

    RoutedCommand(
            Request request, Invocation invocation, int[] hashes, long giveUpNanos, Consumer<Reply> whenDone) {
        this.request = request;
        this.invocation = invocation;
        this.hashes = hashes;
        this.giveUpNanos = giveUpNanos;
        this.whenDone = whenDone;
    }

    void finish(Reply reply) {
        whenDone.accept(reply);
    }
}
