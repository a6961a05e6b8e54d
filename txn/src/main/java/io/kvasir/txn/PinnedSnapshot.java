package io.kvasir.txn;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Invocation;
import io.kvasir.region.Withdrawn;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.txn.percolator.Percolator;
import io.kvasir.txn.percolator.Pin;
import io.kvasir.txn.percolator.PinnedRead;
import io.kvasir.txn.percolator.SnapshotRead;
import io.kvasir.txn.percolator.Unpin;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The whole key space as it stood at one timestamp, for reading it through at leisure: every range's leader has pinned
 * its part ({@link Pin}), so that no history needs to be kept for it.
 *
 * <p>It holds on as long as it is read: each page that is fetched keeps the parts of all ranges, at the latest every
 * {@link #KEEP_NANOS}. If a range changes its leader, or a part is left alone for too long, reads are answered <code>
 * SNAPSHOTLOST</code> from then on; nothing of another time is ever read.
 *
 * <p>Commands are run one after the other, each on a strand; {@link #close} is safe for any thread.
 */
public final class PinnedSnapshot {

    /** How often the timestamp is taken anew because a range did not keep what was replaced since it was issued. */
    private static final int ATTEMPTS_MAX = 64;

    private static final long KEEP_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Pages kept at the gateway, some MiB: a walk over keys comes back to what it has passed a moment ago. */
    private static final int PAGES_MAX = 16;

    private static final byte[] NO_END = {};

    private static final String LOST = "SNAPSHOTLOST the snapshot is gone, because the leader of a range has changed or"
            + " it was not read for too long; open another one";

    private final long timestamp;
    private final RouteTable routes;
    private final Participants participants;
    private final Strands strands;
    private final Ticker ticker;
    private final int[] instances;
    private final ArrayDeque<Page> pages = new ArrayDeque<>();
    private long keptNanos;
    private volatile boolean closed;

    /** Some records of the snapshot: all from {@code from} to {@code to}, excluded, empty for no end. */
    record Page(byte[] from, byte[] to, List<byte[]> keys, List<byte[]> payloads) {

        boolean covers(byte[] key) {
            return Arrays.compareUnsigned(from, key) <= 0 && (to.length == 0 || Arrays.compareUnsigned(key, to) < 0);
        }

        /** Returns the index of the first record at or after {@code key}. */
        int indexOf(byte[] key) {
            int low = 0;
            int high = keys.size();
            while (low < high) {
                int middle = low + high >>> 1;
                if (Arrays.compareUnsigned(keys.get(middle), key) < 0) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }
    }

    private PinnedSnapshot(
            long timestamp,
            RouteTable routes,
            Participants participants,
            Strands strands,
            Ticker ticker,
            int[] instances) {
        this.timestamp = timestamp;
        this.routes = routes;
        this.participants = participants;
        this.strands = strands;
        this.ticker = ticker;
        this.instances = instances;
        this.keptNanos = ticker.nanoTime();
    }

    /** Opens a snapshot of this moment, with the first {@code databases} databases. On a strand. */
    static PinnedSnapshot open(
            Participants participants, Strands strands, TimestampSource time, Ticker ticker, int databases)
            throws SnapshotRefused {
        String refusal = "";
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            CompletableFuture<Long> issued = new CompletableFuture<>();
            time.fetch(issued::complete);
            long timestamp = strands.await(issued);
            if (timestamp == TimestampSource.UNAVAILABLE) {
                throw new SnapshotRefused("TRYAGAIN the placement driver gives no timestamps now");
            }
            RouteTable routes = participants.routes();
            int[] instances = new int[databases];
            refusal = pin(participants, strands, routes, timestamp, instances);
            PinnedSnapshot snapshot = new PinnedSnapshot(timestamp, routes, participants, strands, ticker, instances);
            if (refusal.isEmpty()) {
                return snapshot;
            }
            snapshot.close();
            if (!refusal.equals(SnapshotRead.TOO_OLD.text())) {
                throw new SnapshotRefused(refusal);
            }
        }
        throw new SnapshotRefused("TRYAGAIN what stood at a timestamp is forgotten too soon: " + refusal);
    }

    /** Pins every region; returns why that failed, empty if it did not. */
    private static String pin(
            Participants participants, Strands strands, RouteTable routes, long timestamp, int[] instances) {
        Pin step = new Pin(timestamp, instances.length);
        List<CompletableFuture<Reply>> answers = new ArrayList<>();
        routes.regions().forEach(region -> answers.add(participants.call(region, step)));
        String refusal = "";
        for (CompletableFuture<Reply> answer : answers) {
            switch (strands.await(answer)) {
                case Reply.Array(List<Reply> found) -> {
                    for (int i = 0; i < instances.length; i++) {
                        instances[i] = Math.toIntExact(((Reply.Int) found.get(i)).value());
                    }
                }
                case Reply.Error(String text) -> refusal = text;
                case Reply other -> throw new IllegalStateException("a range answers " + other);
            }
        }
        return refusal;
    }

    /** Returns the timestamp at which everything stood so. */
    public long timestamp() {
        return timestamp;
    }

    /** Returns the regions as they were when it was opened. */
    public List<RegionDescriptor> regions() {
        return routes.regions();
    }

    /** Runs {@code invocation}, which only reads, over all of it. On a strand. */
    public Reply run(Invocation invocation) {
        return run(invocation, new byte[0], new byte[0]);
    }

    /** Runs {@code invocation}, which only reads, over the part in {@code region}. On a strand. */
    public Reply runAt(RegionDescriptor region, Invocation invocation) {
        return run(invocation, region.start(), region.end());
    }

    private Reply run(Invocation invocation, byte[] start, byte[] end) {
        try {
            return invocation.run(new PinnedTransaction(this, start, end));
        } catch (TransactionRefused refused) {
            return refused.reply();
        } catch (Withdrawn withdrawn) {
            return withdrawn.reply();
        }
    }

    /** Lets everything go; does not wait. */
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (RegionDescriptor region : routes.regions()) {
            CompletableFuture<Reply> unused = participants.call(region, new Unpin(timestamp));
        }
    }

    int instance(int database) {
        if (database >= instances.length) {
            throw new TransactionRefused("ERR DB index is out of range");
        }
        return instances[database];
    }

    /** Returns the record at {@code key}, in a page that covers it. */
    Page pageAt(byte[] key) {
        Page known = find(key);
        return known != null ? known : fetch(key, Arrays.copyOf(key, key.length + 1), false);
    }

    /**
     * Returns a page that covers {@code from}. It may go on beyond what is asked for: whoever walks over a snapshot
     * comes to that next, slot after slot, of which each may have few records.
     */
    Page pageFrom(byte[] from) {
        Page known = find(from);
        if (known != null) {
            return known;
        }
        Page page = fetch(from, NO_END, false);
        pages.addFirst(page);
        if (pages.size() > PAGES_MAX) {
            pages.removeLast();
        }
        return page;
    }

    /** Returns the last records before {@code to}, down to {@code from} at the most, in ascending order. */
    Page pageBefore(byte[] from, byte[] to) {
        return fetch(from, to, true);
    }

    private @Nullable Page find(byte[] key) {
        for (Page page : pages) {
            if (page.covers(key)) {
                return page;
            }
        }
        return null;
    }

    private Page fetch(byte[] from, byte[] to, boolean descending) {
        keep();
        RegionDescriptor region = descending ? regionBefore(to) : routes.find(from);
        byte[] first = Arrays.compareUnsigned(from, region.start()) < 0 ? region.start() : from;
        byte[] end = region.end();
        byte[] last = end.length != 0 && (to.length == 0 || Arrays.compareUnsigned(to, end) > 0) ? end : to;
        PinnedRead step = new PinnedRead(timestamp, first, last, descending);
        PinnedRead.Page found = PinnedRead.page(bulk(strands.await(participants.call(region, step))));
        List<byte[]> keys = found.keys();
        if (found.ended()) {
            return descending
                    ? new Page(first, last, keys.reversed(), found.payloads().reversed())
                    : new Page(first, last, keys, found.payloads());
        }
        byte[] reached = keys.getLast();
        return descending
                ? new Page(reached, last, keys.reversed(), found.payloads().reversed())
                : new Page(first, Arrays.copyOf(reached, reached.length + 1), keys, found.payloads());
    }

    private RegionDescriptor regionBefore(byte[] to) {
        RegionDescriptor found = routes.regions().getFirst();
        for (RegionDescriptor region : routes.regions()) {
            if (to.length == 0 || Arrays.compareUnsigned(region.start(), to) < 0) {
                found = region;
            }
        }
        return Objects.requireNonNull(found);
    }

    private static byte[] bulk(Reply reply) {
        return switch (reply) {
            case Reply.Bulk(byte[] bytes) -> bytes;
            case Reply.Error(String text)
            when text.equals(SnapshotRead.TOO_OLD.text()) -> throw new TransactionRefused(LOST);
            case Reply.Error(String text) -> throw new TransactionRefused(text);
            default -> throw new IllegalStateException("a range answers " + reply);
        };
    }

    /** Reads nothing of every range, so that none takes its part for abandoned. */
    private void keep() {
        if (closed) {
            throw new TransactionRefused(LOST);
        }
        long now = ticker.nanoTime();
        if (now - keptNanos < KEEP_NANOS) {
            return;
        }
        keptNanos = now;
        List<CompletableFuture<Reply>> answers = new ArrayList<>();
        for (RegionDescriptor region : routes.regions()) {
            Percolator.Step nothing = new PinnedRead(timestamp, region.start(), region.start(), false);
            answers.add(participants.call(region, nothing));
        }
        answers.forEach(answer -> {
            byte[] unused = bulk(strands.await(answer));
        });
    }
}
