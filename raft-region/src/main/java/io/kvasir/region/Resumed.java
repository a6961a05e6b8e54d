package io.kvasir.region;

import io.kvasir.proto.reply.Reply;
import java.util.List;

/**
 * An invocation that has waited already, as it is run when it comes to wait at another place: what was written since it
 * found nothing is served to it as if it had been there, key by key. So it depends on the keys alone, not on which of
 * the two was faster, whether a list that became a string or a stream that is gone ends it. Immutable.
 */
public record Resumed(Awaiting awaiting) implements Awaiting {

    @Override
    public Reply run(Transaction transaction) {
        for (byte[] key : awaiting.awaitedKeys()) {
            Reply reply = awaiting.servedBy(key).run(transaction);
            if (!(reply instanceof Reply.Null)) {
                return reply;
            }
        }
        return Reply.NULL;
    }

    @Override
    public List<byte[]> awaitedKeys() {
        return awaiting.awaitedKeys();
    }

    @Override
    public Invocation servedBy(byte[] userKey) {
        return awaiting.servedBy(userKey);
    }

    @Override
    public String awaited() {
        return awaiting.awaited();
    }

    @Override
    public boolean readOnly() {
        return awaiting.readOnly();
    }

    @Override
    public boolean mayGrow() {
        return awaiting.mayGrow();
    }

    @Override
    public boolean boundsItself() {
        return awaiting.boundsItself();
    }

    @Override
    public int database() {
        return awaiting.database();
    }

    @Override
    public List<byte[]> userKeys() {
        return awaiting.userKeys();
    }
}
