package io.kvasir.gateway.command.transaction;

import io.kvasir.gateway.command.Ranges;
import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import io.kvasir.region.OutOfRange;
import io.kvasir.region.Transaction;
import java.util.List;

/**
 * The database as one range, for commands over all of it within EXEC: what they ask of each range is asked of the
 * transaction, and is part of it. Confined to the thread that runs the transaction.
 */
public final class TransactionRanges implements Ranges {

    private static final byte[] UNBOUNDED = new byte[0];

    private static final RegionDescriptor WHOLE =
            new RegionDescriptor(new RegionId(1), UNBOUNDED, UNBOUNDED, Epoch.FIRST, List.of());

    private final Transaction transaction;

    /** @throws OutOfRange if {@code transaction} does not see the whole database */
    public TransactionRanges(Transaction transaction) {
        requireWhole(transaction);
        this.transaction = transaction;
    }

    /** @throws OutOfRange if {@code transaction} does not see the whole database */
    static void requireWhole(Transaction transaction) {
        if (transaction.rangeStart().length != 0 || transaction.rangeEnd().length != 0) {
            throw OutOfRange.SIGNAL;
        }
    }

    @Override
    public List<RegionDescriptor> all() {
        return List.of(WHOLE);
    }

    @Override
    public Reply call(RegionDescriptor region, Request request, Invocation invocation) {
        return invocation.run(transaction);
    }
}
