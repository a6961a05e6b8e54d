package io.kvasir.tools.demo;

import io.kvasir.proto.reply.Reply;
import io.kvasir.region.time.Ticker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Writes at a node until each write is acknowledged, or its outcome must stay unknown; goes to another node when its
 * own is gone. Confined to one thread.
 */
final class Writer implements AutoCloseable {

    /** Longest that a write is sent again. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

    private final LocalCluster cluster;
    private final Ledger ledger;
    private final Ticker ticker;
    private int node;
    private @Nullable Connection connection;

    /** @param node at which it begins */
    Writer(LocalCluster cluster, int node, Ledger ledger, Ticker ticker) {
        this.cluster = cluster;
        this.node = node;
        this.ledger = ledger;
        this.ticker = ticker;
    }

    /** Sends {@code writes} in one piece, and what must be sent again in pieces after it. */
    void write(List<Mutation> writes) {
        long sentNanos = ticker.nanoTime();
        List<Mutation> left = writes;
        while (true) {
            left = attempt(left, sentNanos);
            if (left.isEmpty()) {
                return;
            }
            if (ticker.nanoTime() - sentNanos > PATIENCE_NANOS
                    || Thread.currentThread().isInterrupted()) {
                left.forEach(ledger::abandoned);
                return;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** Sends {@code writes} once; returns those that must be sent again. */
    private List<Mutation> attempt(List<Mutation> writes, long sentNanos) {
        List<Mutation> again = new ArrayList<>();
        Connection open = connected();
        if (open == null) {
            return writes; // nothing was sent
        }
        int answered = 0;
        try {
            for (Mutation write : writes) {
                open.send(write.words());
            }
            open.flush();
            for (; answered < writes.size(); answered++) {
                Mutation write = writes.get(answered);
                if (!settled(write, open.receive(), sentNanos)) {
                    again.add(write);
                }
            }
        } catch (IOException lost) {
            for (Mutation write : writes.subList(answered, writes.size())) {
                ledger.undetermined(write);
                if (write.mayRepeat()) {
                    again.add(write);
                }
            }
            leave();
        }
        return again;
    }

    /** Enters the outcome of a write; returns false if it must be sent again. */
    private boolean settled(Mutation write, Reply reply, long sentNanos) {
        if (!(reply instanceof Reply.Error(String text))) {
            if (write.kind() == Mutation.Kind.DEADLINE && reply.equals(Reply.ZERO)) {
                return false; // the write of its key was refused and comes again
            }
            ledger.acknowledged(sentNanos, ticker.nanoTime());
            return true;
        }
        if (text.startsWith("TRYAGAIN") || text.startsWith("LOADING")) {
            ledger.refused();
            return false;
        }
        if (text.startsWith("UNDETERMINED")) {
            ledger.undetermined(write);
            return !write.mayRepeat();
        }
        ledger.wrong(write, text);
        return true;
    }

    private @Nullable Connection connected() {
        if (connection == null) {
            try {
                connection = new Connection(cluster.port(node));
            } catch (IOException nobodyListens) {
                leave();
            }
        }
        return connection;
    }

    private void leave() {
        close();
        node = (node + 1) % cluster.nodes();
    }

    @Override
    public void close() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }
}
