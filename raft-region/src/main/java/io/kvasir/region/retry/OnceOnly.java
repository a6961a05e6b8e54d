package io.kvasir.region.retry;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.proto.request.RequestId;
import io.kvasir.region.Awaiting;
import io.kvasir.region.Invocation;
import io.kvasir.region.RangeTransaction;
import io.kvasir.region.Transaction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A write that its client named by an id: it takes effect once, and is answered alike however often it is sent until
 * its {@link RequestRecord} expires (rule K21).
 *
 * <p>The record is read first and written last, by the very transaction that does what is asked: at the leader of the
 * range, or, if the keys lie in several, as one more key of the transaction over them. So there is no moment at which
 * one is there without the other, whoever leads and whichever gateway is asked. A copy that comes while another is
 * under way is evaluated over what that one leaves, or waits for its lock.
 *
 * <p>Immutable.
 */
public final class OnceOnly implements Invocation {

    /** Ids that a range remembers; beyond it a command with a new one is answered that it had no effect. */
    public static final long IDS_MAX = 1_000_000;

    private static final Reply OTHER_COMMAND =
            Reply.error("ERR the request id names another command, this one had no effect");

    private static final Reply TOO_MANY =
            Reply.error("TRYAGAIN the range remembers " + IDS_MAX + " request ids already, the command had no effect");

    private final Invocation invocation;
    private final RequestId id;
    private final byte[] recordKey;

    private OnceOnly(Invocation invocation, RequestId id, List<byte[]> userKeys) {
        this.invocation = invocation;
        this.id = id;
        this.recordKey = RequestRecord.key(id, userKeys);
    }

    /** Returns {@code invocation}, what {@code request} asks for; once only if that is a write with an id. */
    public static Invocation of(Request request, Invocation invocation) {
        return request.id().isEmpty() || invocation.readOnly()
                ? invocation
                : new OnceOnly(invocation, request.id().get(), invocation.userKeys());
    }

    /**
     * Returns what {@code request}, which waits as {@code awaiting}, is run as when {@code served} is what is left of
     * it to do: once only if it is a write with an id, whose record is where that of the whole command is.
     */
    public static Invocation served(Request request, Awaiting awaiting, Invocation served) {
        return request.id().isEmpty() || awaiting.readOnly()
                ? served
                : new OnceOnly(served, request.id().get(), awaiting.userKeys());
    }

    @Override
    public Reply run(Transaction transaction) {
        byte @Nullable [] stored = transaction.get(recordKey);
        RequestRecord before = stored == null ? null : RequestRecord.decode(stored);
        if (before != null && !transaction.isExpired(before.expiryMillis())) {
            return before.digest() == id.digest() ? before.reply() : OTHER_COMMAND;
        }
        if (transaction instanceof RangeTransaction range && range.keys(RequestRecord.INSTANCE) >= IDS_MAX) {
            return TOO_MANY;
        }
        Reply reply = invocation.run(transaction);
        if (reply instanceof Reply.Null && invocation instanceof Awaiting) {
            return reply; // it may wait, and has no answer yet
        }
        RequestRecord after = RequestRecord.of(id.digest(), transaction.timeMillis(), reply);
        if (before == null) {
            transaction.addKeys(recordKey, RequestRecord.INSTANCE, 1);
        }
        transaction.put(recordKey, after.encode());
        transaction.moveExpiry(recordKey, before == null ? 0 : before.expiryMillis(), after.expiryMillis());
        return reply;
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    @Override
    public boolean mayRepeat() {
        return true;
    }

    @Override
    public boolean mayGrow() {
        return invocation.mayGrow();
    }

    @Override
    public boolean boundsItself() {
        return invocation.boundsItself();
    }

    @Override
    public boolean mayReachOthers() {
        return invocation.mayReachOthers();
    }

    @Override
    public int database() {
        return invocation.database();
    }

    @Override
    public List<byte[]> userKeys() {
        return invocation.userKeys();
    }
}
