package io.kvasir.gateway.server;

import io.kvasir.gateway.command.Ranges;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import io.kvasir.txn.PinnedSnapshot;
import java.util.List;

/** The ranges of a snapshot. Confined to the virtual thread that runs one command. */
record SnapshotRanges(PinnedSnapshot snapshot) implements Ranges {

    @Override
    public List<RegionDescriptor> all() {
        return snapshot.regions();
    }

    @Override
    public Reply call(RegionDescriptor region, Request request, Invocation invocation) {
        return snapshot.runAt(region, invocation);
    }
}
