package io.kvasir.gateway.command;

import io.kvasir.gateway.type.MapTransaction;
import io.kvasir.gateway.type.RangeView;
import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import io.kvasir.region.ProcedureTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * A {@link MapTransaction} cut into ranges, for commands that ask range by range. Requests are parsed again at the
 * range, as those from afar are. Not thread-safe.
 */
public final class MapRanges implements Ranges {

    private static final byte[] OPEN = new byte[0];

    private final MapTransaction transaction;
    private final ProcedureTable procedures;
    private final NavigableSet<byte[]> cuts = new TreeSet<>(Arrays::compareUnsigned);
    private Runnable afterCall = () -> {};
    private long version = 1;
    private long calls;

    public MapRanges(MapTransaction transaction, CommandTable table) {
        this.transaction = transaction;
        this.procedures = new ProcedureTable(table.procedures());
    }

    /** Splits the range that holds {@code key} there, unless it starts there. */
    public void split(byte[] key) {
        cuts.add(key);
        version++;
    }

    /** Merges all ranges into one. */
    public void merge() {
        cuts.clear();
        version++;
    }

    /** Runs {@code action} after each call, to change what the caller relies on. */
    public void afterCall(Runnable action) {
        afterCall = action;
    }

    /** Returns the number of calls so far. */
    public long calls() {
        return calls;
    }

    @Override
    public List<RegionDescriptor> all() {
        List<RegionDescriptor> regions = new ArrayList<>();
        byte[] start = OPEN;
        for (byte[] cut : cuts) {
            regions.add(region(regions.size(), start, cut));
            start = cut;
        }
        regions.add(region(regions.size(), start, OPEN));
        return regions;
    }

    @Override
    public Reply call(RegionDescriptor region, Request request, Invocation invocation) {
        calls++;
        if (region.epoch().version() != version) {
            return Reply.error("TRYAGAIN the range has changed");
        }
        transaction.begin();
        Invocation parsed = procedures
                .find(request.procedure(), request.version())
                .orElseThrow()
                .parse(request);
        Reply reply = parsed.run(new RangeView(transaction, region.start(), region.end()));
        afterCall.run();
        return reply;
    }

    private RegionDescriptor region(int index, byte[] start, byte[] end) {
        return new RegionDescriptor(new RegionId(index + 1), start, end, new Epoch(1, version), List.of());
    }
}
