package io.kvasir.region.raft;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.raft.SnapshotFrame.Answer;
import io.kvasir.region.raft.SnapshotFrame.Contents;
import io.kvasir.region.raft.SnapshotFrame.Item;
import io.kvasir.region.raft.StateMachine.AppliedState;
import io.kvasir.region.raft.StateSnapshot.GivenUp;
import io.kvasir.region.raft.StateSnapshot.Part;
import io.kvasir.region.time.Ticker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots that a store offers to others: made on demand by one thread, each in a folder of its own, read by
 * whoever has the ticket, in chunks and no faster than the settings permit, and removed when the leader that offered it
 * or nobody wants it any more.
 *
 * <p>Safe for any thread. Threads: one that makes, one that serves; neither belongs to a group.
 */
final class SnapshotDesk implements AutoCloseable {

    /** A snapshot that nobody has asked for so long is dropped, nanoseconds. */
    static final long UNUSED_NANOS = 120_000_000_000L;

    /** Requests that may wait to be served; more are told to ask again. */
    static final int WAITING_MAX = 64;

    private static final int SWEEP_SECONDS = 5;
    private static final int CLOSE_SECONDS = 10;
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotDesk.class);

    /** A snapshot on offer. Guarded by itself, but for what is final or volatile. */
    private static final class Offer {

        private final long ticket;
        private final RegionId region;
        private final StateSnapshot state;
        private final Path folder;
        private volatile boolean wanted = true;
        private volatile long usedAt;
        private volatile @Nullable Contents contents;
        private volatile List<Part> parts = List.of();
        private volatile @Nullable String failure;
        private boolean held = true;

        Offer(long ticket, RegionId region, StateSnapshot state, Path folder, long now) {
            this.ticket = ticket;
            this.region = region;
            this.state = state;
            this.folder = folder;
            this.usedAt = now;
        }

        /** Lets go of the engine's state; the files stay. */
        synchronized void release() {
            if (held) {
                held = false;
                state.close();
            }
        }
    }

    private final SnapshotSettings settings;
    private final Path folder;
    private final Ticker ticker;
    private final ConcurrentMap<Long, Offer> offers = new ConcurrentHashMap<>();
    private final AtomicLong tickets;
    private final AtomicInteger waiting = new AtomicInteger();
    private final ExecutorService maker;
    private final ScheduledExecutorService server;
    /** When the next bytes may leave. Guarded by this. */
    private long freeAt;

    private volatile boolean closed;

    /**
     * Empties the folder of what an earlier process left.
     *
     * @param firstTicket higher than any that an earlier process of this store gave out
     */
    SnapshotDesk(StoreId store, SnapshotSettings settings, Ticker ticker, long firstTicket) throws IOException {
        this.settings = settings;
        this.folder = settings.directory().resolve("out");
        this.ticker = ticker;
        this.tickets = new AtomicLong(firstTicket);
        this.freeAt = ticker.nanoTime();
        SnapshotFolder.empty(folder);
        ThreadFactory makers = Thread.ofPlatform().daemon().name("snapshot-make-" + store)::unstarted;
        ThreadFactory servers = Thread.ofPlatform().daemon().name("snapshot-serve-" + store)::unstarted;
        maker = Executors.newSingleThreadExecutor(makers);
        server = Executors.newSingleThreadScheduledExecutor(servers);
        server.scheduleWithFixedDelay(this::sweep, SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * Offers {@code state}, which is the desk's to close from now on, whatever it returns.
     *
     * @return its ticket, or 0 if so many are on offer already that it must be tried again later
     */
    long offer(RegionId region, StateSnapshot state) {
        long ticket = tickets.incrementAndGet();
        Offer offer = new Offer(ticket, region, state, folder.resolve(Long.toString(ticket)), ticker.nanoTime());
        synchronized (this) {
            if (closed
                    || offers.size() >= SnapshotSettings.OFFERED_MAX
                    || !settings.room().getAsBoolean()) {
                offer.release();
                return 0;
            }
            offers.put(ticket, offer);
            maker.execute(() -> make(offer));
        }
        return ticket;
    }

    /** Returns whether another snapshot could be offered now; a hint. */
    boolean hasRoom() {
        return !closed
                && offers.size() < SnapshotSettings.OFFERED_MAX
                && settings.room().getAsBoolean();
    }

    /** Returns whether what {@code ticket} stands for can still be had, once it is made. */
    boolean isOffered(long ticket) {
        Offer offer = offers.get(ticket);
        return offer != null && offer.failure == null;
    }

    /** The offer is wanted no longer. */
    void withdraw(long ticket) {
        Offer offer = offers.remove(ticket);
        if (offer != null) {
            offer.wanted = false;
            submit(() -> remove(offer));
        }
    }

    /** Serves channel BULK. */
    void handle(StoreId from, byte[] request, Consumer<byte[]> respond) {
        SnapshotFrame frame;
        try {
            frame = SnapshotFrame.decode(request);
        } catch (IllegalArgumentException e) {
            LOG.warn("bad bulk frame, from={}, reason={}", from, e.getMessage());
            respond.accept(SnapshotFrame.encode(new Answer.Gone("the request is malformed")));
            return;
        }
        if (waiting.incrementAndGet() > WAITING_MAX || closed) {
            waiting.decrementAndGet();
            respond.accept(SnapshotFrame.encode(new Answer.Wait()));
            return;
        }
        server.schedule(
                () -> {
                    waiting.decrementAndGet();
                    respond.accept(SnapshotFrame.encode(answer(frame)));
                },
                delayNanos(frame.length()),
                TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        offers.values().forEach(offer -> offer.wanted = false);
        server.shutdownNow();
        maker.shutdown();
        try {
            if (!maker.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("a snapshot is still being made");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        offers.values().forEach(this::remove);
        offers.clear();
    }

    /** Returns how long the next {@code bytes} bytes have to wait for those before them. */
    private synchronized long delayNanos(int bytes) {
        long now = ticker.nanoTime();
        if (freeAt - now < 0) {
            freeAt = now;
        }
        long delay = freeAt - now;
        freeAt += (long) (bytes * 1e9 / settings.bytesPerSecond());
        return delay;
    }

    private void make(Offer offer) {
        try {
            SnapshotFolder.empty(offer.folder);
            List<Part> parts = offer.state.write(
                    offer.folder, () -> offer.wanted && settings.room().getAsBoolean());
            List<Item> items = new ArrayList<>(parts.size());
            long bytes = 0;
            for (Part part : parts) {
                long size = Files.size(part.path());
                items.add(new Item(part.kind(), size, SnapshotFolder.checksum(part.path())));
                bytes += size;
            }
            AppliedState at = offer.state.applied();
            offer.parts = parts;
            offer.usedAt = ticker.nanoTime();
            offer.contents = new Contents(offer.region, at, offer.state.summary(), items);
            LOG.info(
                    "snapshot made, region={}, index={}, files={}, bytes={}",
                    offer.region,
                    at.index(),
                    items.size(),
                    bytes);
        } catch (IOException | RuntimeException e) {
            offer.failure = "it could not be made: " + e.getMessage();
            LOG.warn("snapshot not made, region={}, reason={}", offer.region, e.getMessage());
            if (!(e instanceof GivenUp)) {
                LOG.debug("snapshot not made", e);
            }
        } finally {
            offer.release();
            if (!offer.wanted) {
                remove(offer);
            }
        }
    }

    private Answer answer(SnapshotFrame frame) {
        Offer offer = offers.get(frame.ticket());
        if (offer == null) {
            return new Answer.Gone("no such snapshot is on offer");
        }
        offer.usedAt = ticker.nanoTime();
        String failure = offer.failure;
        if (failure != null) {
            return new Answer.Gone(failure);
        }
        Contents contents = offer.contents;
        if (contents == null) {
            return new Answer.Wait();
        }
        if (frame.asksForList()) {
            return new Answer.Done(SnapshotFrame.encode(contents));
        }
        try {
            return new Answer.Done(read(offer, frame));
        } catch (IOException | IllegalArgumentException e) {
            return new Answer.Gone("it cannot be read: " + e.getMessage());
        }
    }

    private static byte[] read(Offer offer, SnapshotFrame frame) throws IOException {
        List<Part> parts = offer.parts;
        if (frame.file() >= parts.size()) {
            throw new IllegalArgumentException("no file " + frame.file());
        }
        ByteBuffer bytes = ByteBuffer.allocate(frame.length());
        try (FileChannel file = FileChannel.open(parts.get(frame.file()).path())) {
            while (bytes.hasRemaining() && file.read(bytes, frame.offset() + bytes.position()) > 0) {
                continue;
            }
        }
        if (bytes.hasRemaining()) {
            throw new IllegalArgumentException("file " + frame.file() + " ends before its end");
        }
        return bytes.array();
    }

    private void sweep() {
        long now = ticker.nanoTime();
        for (Offer offer : offers.values()) {
            boolean made = offer.contents != null || offer.failure != null;
            if (made && now - offer.usedAt > UNUSED_NANOS) {
                LOG.info("snapshot dropped, nobody asks for it, region={}", offer.region);
                withdraw(offer.ticket);
            }
        }
    }

    private synchronized void submit(Runnable task) {
        if (!closed) {
            maker.execute(task);
        }
    }

    private void remove(Offer offer) {
        offer.release();
        try {
            SnapshotFolder.remove(offer.folder);
        } catch (IOException e) {
            // It is emptied at the next start.
            LOG.warn("folder of a snapshot not removed, folder={}, reason={}", offer.folder, e.getMessage());
        }
    }
}
