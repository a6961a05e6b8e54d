package io.kvasir.txn;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.store.engine.Engine;
import io.kvasir.txn.percolator.SnapshotRead.Found;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Records of all ranges in key order, fetched page by page, with a transaction's own writes laid over them. Confined to
 * the strand that opened it.
 */
final class PagedCursor implements Engine.Cursor {

    /** Fetches one page of the records of a region. */
    @FunctionalInterface
    interface Pages {

        Found.Page page(RegionDescriptor region, byte[] from, byte[] to, boolean descending);
    }

    private record Item(byte[] key, byte[] payload) {}

    private final RouteTable routes;
    private final Pages pages;
    private final NavigableMap<byte[], Optional<byte[]>> own;
    private final boolean descending;
    private final ArrayDeque<Item> fetched = new ArrayDeque<>();

    private byte[] from;
    private byte[] to;
    private boolean ended;
    private @Nullable Item current;

    /** @param own the transaction's writes in these bounds; taken over */
    PagedCursor(
            RouteTable routes,
            Pages pages,
            NavigableMap<byte[], Optional<byte[]>> own,
            byte[] from,
            byte[] to,
            boolean descending) {
        this.routes = routes;
        this.pages = pages;
        this.own = own;
        this.from = from;
        this.to = to;
        this.descending = descending;
        this.ended = to.length != 0 && Arrays.compareUnsigned(from, to) >= 0;
    }

    @Override
    public boolean next() {
        while (true) {
            while (fetched.isEmpty() && !ended) {
                fetch();
            }
            Map.Entry<byte[], Optional<byte[]>> mine = descending ? own.lastEntry() : own.firstEntry();
            Item theirs = fetched.peek();
            if (mine == null && theirs == null) {
                current = null;
                return false;
            }
            int order = order(mine, theirs);
            if (order >= 0 && theirs != null) {
                fetched.remove();
            }
            if (order > 0) {
                current = theirs;
                return true;
            }
            Objects.requireNonNull(mine);
            own.remove(mine.getKey());
            if (mine.getValue().isPresent()) {
                current = new Item(mine.getKey(), mine.getValue().get());
                return true;
            }
        }
    }

    /** Returns below 0 if the own record comes first, above 0 if the fetched one does, 0 if they are of one key. */
    private int order(Map.@Nullable Entry<byte[], Optional<byte[]>> mine, @Nullable Item theirs) {
        if (mine == null) {
            return 1;
        }
        if (theirs == null) {
            return -1;
        }
        int order = Arrays.compareUnsigned(mine.getKey(), theirs.key);
        return descending ? -order : order;
    }

    private void fetch() {
        RegionDescriptor region = descending ? lastRegion() : routes.find(from);
        byte[] first = Arrays.compareUnsigned(from, region.start()) < 0 ? region.start() : from;
        boolean cut = region.end().length != 0 && (to.length == 0 || Arrays.compareUnsigned(to, region.end()) > 0);
        byte[] last = cut ? region.end() : to;
        Found.Page page = pages.page(region, first, last, descending);
        for (int i = 0; i < page.keys().size(); i++) {
            fetched.add(new Item(page.keys().get(i), page.payloads().get(i)));
        }
        if (!page.ended()) {
            byte[] reached = page.keys().getLast();
            if (descending) {
                to = reached;
            } else {
                from = Arrays.copyOf(reached, reached.length + 1);
            }
        } else if (descending) {
            to = region.start();
            ended = Arrays.compareUnsigned(from, region.start()) >= 0;
        } else {
            from = region.end();
            ended = !cut;
        }
    }

    /** Returns the region with the last keys before {@code to}. */
    private RegionDescriptor lastRegion() {
        if (to.length == 0) {
            return routes.regions().getLast();
        }
        RegionDescriptor found = routes.regions().getFirst();
        for (RegionDescriptor region : routes.regions()) {
            if (Arrays.compareUnsigned(region.start(), to) < 0) {
                found = region;
            }
        }
        return found;
    }

    @Override
    public byte[] key() {
        return Objects.requireNonNull(current, "no current record").key;
    }

    @Override
    public byte[] value() {
        return Objects.requireNonNull(current, "no current record").payload;
    }

    @Override
    public void close() {}
}
