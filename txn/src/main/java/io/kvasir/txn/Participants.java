package io.kvasir.txn;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.reply.Reply;
import io.kvasir.txn.percolator.Percolator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The ranges as a transaction speaks to them. Every message is a session of its own, because one that waits for a lock
 * would hold back the later ones of its session. Safe for any thread.
 */
final class Participants {

    private final CommandExecutor executor;

    /** Sessions of messages count down from -1; those of clients count up from 1. */
    private final AtomicLong lastSession = new AtomicLong();

    Participants(CommandExecutor executor) {
        this.executor = executor;
    }

    /** Runs {@code step} at {@code region}. The future is never completed with an exception. */
    CompletableFuture<Reply> call(RegionDescriptor region, Percolator.Step step) {
        long session = lastSession.decrementAndGet();
        CompletableFuture<Reply> answer = new CompletableFuture<>();
        executor.executeAt(region, step.request(session), step, reply -> {
            executor.sessionEnded(session);
            answer.complete(reply);
        });
        return answer;
    }

    /** Returns the regions as known now. */
    RouteTable routes() {
        return new RouteTable(executor.regions());
    }
}
