package io.kvasir.region.raft;

import com.alipay.sofa.jraft.error.InvokeTimeoutException;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.rpc.InvokeCallback;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.google.protobuf.Message;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.Link;
import io.kvasir.region.time.Ticker;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the messages of all groups of a store over its link, and brings the answers back on the right thread.
 *
 * <p>A log request that fails is not reported to SOFAJRaft as an error, because it would then let that follower wait
 * for a whole heartbeat interval. It is held until the store can be reached again, and then answered as a mismatch at
 * the place where the request began, which makes SOFAJRaft ask the follower where its log ends. This claims nothing
 * that is untrue of any follower and can only make the leader send again what it has sent.
 *
 * <p>Safe for any thread.
 */
final class RaftTransport {

    /** How long a failed log request rests at least, nanoseconds. */
    static final long RETRY_NANOS = 200_000_000L;

    private static final Logger LOG = LoggerFactory.getLogger(RaftTransport.class);

    /** A failed log request; SOFAJRaft bounds them to {@link GroupSettings#REPLICATION_REQUESTS_MAX} per follower. */
    private record Held(
            StoreId to, AppendEntriesRequest request, InvokeCallback callback, Executor thread, long since) {}

    private final Link link;
    private final Ticker ticker;
    private final RaftThreads threads;
    private final Queue<Held> held = new ConcurrentLinkedQueue<>();

    RaftTransport(Link link, Ticker ticker, RaftThreads threads) {
        this.link = link;
        this.ticker = ticker;
        this.threads = threads;
    }

    boolean isUp(StoreId store) {
        return link.isUp(store);
    }

    /**
     * Sends {@code frame}; {@code callback} hears of the answer on the thread of the group, never before this returns.
     */
    void send(StoreId to, RaftFrame frame, InvokeCallback callback, int timeoutMillis) {
        Executor thread = threads.stripe(frame.region());
        link.send(
                to,
                Link.Channel.RAFT,
                frame.encode(),
                timeoutMillis,
                (response, failure) -> thread.execute(() -> {
                    if (response == null) {
                        fail(to, frame, callback, failure == null ? "no answer" : failure.reason());
                        return;
                    }
                    Message answer;
                    try {
                        answer = RaftFrame.decodeAnswer(frame.kind(), response);
                    } catch (IllegalArgumentException e) {
                        fail(to, frame, callback, String.valueOf(e.getMessage()));
                        return;
                    }
                    if (isLogRequest(frame.message()) && refuses(answer)) {
                        hold(to, (AppendEntriesRequest) frame.message(), callback, thread);
                    } else {
                        callback.complete(answer, null);
                    }
                }));
    }

    /** Answers {@code callback} with a failure, on the thread of {@code region}. */
    void refuse(RegionId region, InvokeCallback callback, String reason) {
        threads.stripe(region).execute(() -> callback.complete(null, new RemotingException(reason)));
    }

    /** Takes up held requests whose store can be reached again. Called from time to time by the clock thread. */
    void retryHeld() {
        long now = ticker.nanoTime();
        for (Iterator<Held> all = held.iterator(); all.hasNext(); ) {
            Held one = all.next();
            if (now - one.since >= RETRY_NANOS && link.isUp(one.to)) {
                all.remove();
                one.thread.execute(() -> one.callback.complete(mismatchAtStart(one.request), null));
            }
        }
    }

    private void fail(StoreId to, RaftFrame frame, InvokeCallback callback, String reason) {
        if (isLogRequest(frame.message())) {
            hold(to, (AppendEntriesRequest) frame.message(), callback, threads.stripe(frame.region()));
        } else {
            LOG.debug(
                    "raft request failed, kind={}, region={}, to={}, reason={}",
                    frame.kind(),
                    frame.region(),
                    to,
                    reason);
            callback.complete(null, new InvokeTimeoutException(reason));
        }
    }

    private void hold(StoreId to, AppendEntriesRequest request, InvokeCallback callback, Executor thread) {
        held.add(new Held(to, request, callback, thread, ticker.nanoTime()));
    }

    private static AppendEntriesResponse mismatchAtStart(AppendEntriesRequest request) {
        return AppendEntriesResponse.newBuilder()
                .setTerm(request.getTerm())
                .setSuccess(false)
                .setLastLogIndex(request.getPrevLogIndex())
                .build();
    }

    /** Entries, or the question where the follower's log ends; not a heartbeat. */
    private static boolean isLogRequest(Message message) {
        return message instanceof AppendEntriesRequest request && (request.getEntriesCount() > 0 || request.hasData());
    }

    private static boolean refuses(Message answer) {
        return !(answer instanceof AppendEntriesResponse response) || response.hasErrorResponse();
    }
}
