package io.kvasir.gateway.server;

import io.kvasir.gateway.type.MapTransaction;
import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Awaiting;
import io.kvasir.region.Invocation;
import io.kvasir.region.retry.OnceOnly;
import io.kvasir.txn.CommandExecutor;
import io.kvasir.txn.PinnedSnapshot;
import io.kvasir.txn.SnapshotRefused;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;

/** Runs commands over one {@link MapTransaction}; replies are given by a chosen executor. Safe for any thread. */
public final class MapExecutor implements CommandExecutor {

    private static final RegionDescriptor WHOLE =
            new RegionDescriptor(new RegionId(1), new byte[0], new byte[0], Epoch.FIRST, List.of());

    private final MapTransaction transaction = new MapTransaction(1);
    private final Executor commands;
    private final Executor replies;
    private final List<OptionalLong> replicaReads = new CopyOnWriteArrayList<>();
    private final List<Waiter> waiters = new CopyOnWriteArrayList<>();
    private final AtomicLong endedSessions = new AtomicLong();

    /**
     * Makes an executor.
     *
     * @param commands runs the commands, in order
     * @param replies runs the task that gives a reply, perhaps later, perhaps on another thread
     */
    public MapExecutor(Executor commands, Executor replies) {
        this.commands = commands;
        this.replies = replies;
    }

    public long endedSessions() {
        return endedSessions.get();
    }

    @Override
    public void execute(Request request, Invocation invocation, Consumer<Reply> whenDone) {
        commands.execute(() -> {
            Reply reply = run(OnceOnly.of(request, invocation));
            replies.execute(() -> whenDone.accept(reply));
            waiters.forEach(Waiter::tryAgain);
        });
    }

    /** Waits until another command has been run that leaves something, or until it is ended: there is no clock. */
    @Override
    public Waiting await(
            Request request, Awaiting awaiting, long timeoutNanos, Reply timedOut, Consumer<Reply> whenDone) {
        Waiter waiter = new Waiter(awaiting, timedOut, whenDone);
        commands.execute(waiter::tryAgain);
        return waiter;
    }

    private final class Waiter implements Waiting {

        private final Awaiting awaiting;
        private final Reply timedOut;
        private final Consumer<Reply> whenDone;
        private boolean blocked;
        private boolean over;

        Waiter(Awaiting awaiting, Reply timedOut, Consumer<Reply> whenDone) {
            this.awaiting = awaiting;
            this.timedOut = timedOut;
            this.whenDone = whenDone;
        }

        private void tryAgain() {
            synchronized (this) {
                if (over) {
                    return;
                }
            }
            Reply reply = run(awaiting);
            if (!(reply instanceof Reply.Null)) {
                boolean unused = finish(reply);
                return;
            }
            synchronized (this) {
                if (!blocked) {
                    blocked = true;
                    waiters.add(this);
                }
            }
        }

        private boolean finish(Reply reply) {
            synchronized (this) {
                if (over) {
                    return false;
                }
                over = true;
            }
            waiters.remove(this);
            replies.execute(() -> whenDone.accept(reply));
            return true;
        }

        @Override
        public synchronized boolean isBlocked() {
            return blocked && !over;
        }

        @Override
        public boolean end(Reply reply) {
            return isBlocked() && finish(reply);
        }

        @Override
        public void abandon() {
            boolean unused = finish(timedOut);
        }
    }

    @Override
    public void executeAtReplica(
            Request request,
            Invocation invocation,
            OptionalLong since,
            Consumer<Reply> fromReplica,
            Consumer<Reply> fromLeader) {
        replicaReads.add(since);
        execute(request, invocation, fromReplica);
    }

    /** Returns what the reads that replicas may answer have asked for, in order. */
    public List<OptionalLong> replicaReads() {
        return List.copyOf(replicaReads);
    }

    /** Reads what stands now, whatever the time: a map has no history. */
    @Override
    public void readAt(LongUnaryOperator timestamp, Invocation invocation, Consumer<Reply> whenDone) {
        commands.execute(() -> {
            Reply reply = run(invocation);
            replies.execute(() -> whenDone.accept(reply));
        });
    }

    private Reply run(Invocation invocation) {
        synchronized (transaction) {
            return invocation.run(transaction.begin());
        }
    }

    @Override
    public void executeAt(RegionDescriptor region, Request request, Invocation invocation, Consumer<Reply> whenDone) {
        execute(request, invocation, whenDone);
    }

    @Override
    public List<RegionDescriptor> regions() {
        return List.of(WHOLE);
    }

    @Override
    public PinnedSnapshot pin(int databases) throws SnapshotRefused {
        throw new SnapshotRefused("ERR no snapshots here");
    }

    @Override
    public void sessionEnded(long session) {
        endedSessions.incrementAndGet();
    }
}
