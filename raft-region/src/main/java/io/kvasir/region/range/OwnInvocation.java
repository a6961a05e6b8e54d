package io.kvasir.region.range;

import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Invocation;
import io.kvasir.region.Transaction;
import java.util.List;
import java.util.function.Function;

/**
 * What a range gives itself to do at its leader. Bounds itself.
 *
 * @param mayGrow whether it may leave more data than there was
 */
record OwnInvocation(Function<LeaderTransaction, Reply> code, boolean mayGrow) implements Invocation {

    @Override
    public Reply run(Transaction transaction) {
        if (transaction instanceof LeaderTransaction leader) {
            return code.apply(leader);
        }
        throw new IllegalStateException("a range's own command runs at its leader alone");
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    @Override
    public boolean boundsItself() {
        return true;
    }

    @Override
    public int database() {
        return 0;
    }

    @Override
    public List<byte[]> userKeys() {
        return List.of();
    }
}
