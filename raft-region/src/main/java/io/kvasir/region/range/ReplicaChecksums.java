package io.kvasir.region.range;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionDescriptorCodec;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import io.kvasir.region.RangeTransaction;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.Family;
import io.kvasir.store.engine.KeyRange;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checksums of the replicas of a store (rule K26): a raft entry asks for them, so all replicas of a range compute
 * theirs at one index, while they serve. The applying thread takes a snapshot of the engine right after that entry; a
 * thread of its own reads the range from it.
 *
 * <p>Covered are newest versions, locks, fates, replaced versions and the range's own state, all of which entries alone
 * change. The expiry index is left out: it spans the ranges of a store.
 *
 * <p>Safe for any thread.
 */
public final class ReplicaChecksums implements ApplyListener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaChecksums.class);

    /** Checksums that are remembered; the oldest goes first. */
    public static final int KEPT_MAX = 1024;

    /** Snapshots that may wait or be read at once; a request beyond is passed over, and its sender hears nothing. */
    public static final int SNAPSHOTS_MAX = 8;

    /** The id that asks for nothing: its entry only tells followers that the one before it is committed. */
    public static final long NONE = 0;

    /** One stripe: no read needs to wait for a checksum, so the range need not be marked as a whole. */
    private static final int[] HASHES = {0};

    private static final List<Family> BY_KEY = List.of(Family.NEWEST, Family.LOCK, Family.FATE);

    private final Engine engine;
    private final RangeTable ranges;
    private final Executor reader;
    private final long gateway;
    private final AtomicLong generations = new AtomicLong();

    /** Guarded by this, as are the fields below. */
    private final ArrayDeque<ReplicaChecksum> kept = new ArrayDeque<>();

    private final Set<Asked> underWay = new HashSet<>();
    private boolean closed;

    /** What somebody asked of the replica of a region. */
    private record Asked(RegionId region, long id) {}

    /**
     * Makes the checksums of a store.
     *
     * @param reader runs what reads a range; one at a time, never the caller
     * @param gateway number of this source of commands, of no other one
     */
    public ReplicaChecksums(Engine engine, RangeTable ranges, Executor reader, long gateway) {
        this.engine = engine;
        this.ranges = ranges;
        this.reader = reader;
        this.gateway = gateway;
    }

    /**
     * Makes all replicas of {@code range}, which is led here, compute a checksum.
     *
     * @param id of the checksum, or {@link #NONE}
     * @param whenDone told, on any thread, whether the replicas have been asked; if not, or if that is not known, ask
     *     again with another {@code id}
     */
    public void request(Range range, long id, Consumer<Boolean> whenDone) {
        Request request = new Request("checksum", 1, 0, 0, 0, Optional.empty(), 0, new byte[0][]);
        range.submit(
                request,
                new Recording(id),
                HASHES,
                range.descriptor().epoch().version(),
                new StreamPlace(gateway, generations.incrementAndGet()),
                outcome -> whenDone.accept(outcome instanceof Outcome.Done(Reply reply) && reply.equals(Reply.OK)));
    }

    /** Returns the checksum that the replica of {@code region} here computed for {@code id}, once it has. */
    public synchronized Optional<ReplicaChecksum> find(RegionId region, long id) {
        return kept.stream()
                .filter(it -> it.id() == id && it.descriptor().id().equals(region))
                .findFirst();
    }

    /** Returns whether the replica of {@code region} here was asked for {@code id} and has not finished yet. */
    public synchronized boolean isUnderWay(RegionId region, long id) {
        return underWay.contains(new Asked(region, id));
    }

    @Override
    public void applied(RegionId region, long index, Entry entry) {
        for (Entry.CommandEffects command : entry.commands()) {
            for (Effect effect : command.effects()) {
                if (effect instanceof Effect.RecordChecksum(long id) && id != NONE) {
                    ranges.find(region).ifPresent(range -> record(range.descriptor(), index, id));
                }
            }
        }
    }

    /** Takes the snapshot. A replica that is replaying its log after a start is not in the table yet and skips it. */
    private void record(RegionDescriptor descriptor, long index, long id) {
        Asked asked = new Asked(descriptor.id(), id);
        Engine.Snapshot snapshot;
        synchronized (this) {
            if (closed || underWay.size() == SNAPSHOTS_MAX || !underWay.add(asked)) {
                LOG.warn("checksum passed over, region={} id={}", descriptor.id(), id);
                return;
            }
            snapshot = engine.snapshot();
        }
        try {
            reader.execute(() -> {
                try {
                    compute(snapshot, descriptor, index, id).ifPresent(this::keep);
                } finally {
                    release(asked, snapshot);
                }
            });
        } catch (RejectedExecutionException stopping) {
            release(asked, snapshot);
        }
    }

    private synchronized void release(Asked asked, Engine.Snapshot snapshot) {
        snapshot.close();
        underWay.remove(asked);
        notifyAll();
    }

    private synchronized void keep(ReplicaChecksum checksum) {
        if (kept.size() == KEPT_MAX) {
            kept.removeFirst();
        }
        kept.addLast(checksum);
    }

    /** Reads the range from {@code snapshot}; empty if the store closes meanwhile. Waits for the disk. */
    private Optional<ReplicaChecksum> compute(
            Engine.Snapshot snapshot, RegionDescriptor descriptor, long index, long id) {
        Walk walk = new Walk(snapshot);
        for (Family family : BY_KEY) {
            walk.read(family, descriptor.start(), descriptor.end());
        }
        for (long slice : HistoryState.load(snapshot, descriptor.id()).slices().keySet()) {
            KeyRange history = RangeSnapshot.history(slice, descriptor);
            walk.read(Family.HISTORY, history.from(), history.to());
        }
        walk.add(RegionDescriptorCodec.encode(descriptor));
        byte[] descriptorKey = RangeState.descriptorKey(descriptor.id());
        walk.readBut(descriptorKey, RangeState.appliedKey(descriptor.id()), RangeState.end(descriptor.id()));
        return walk.cut
                ? Optional.empty()
                : Optional.of(new ReplicaChecksum(id, descriptor, index, walk.records, walk.bytes, walk.digests));
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /** Makes what is being read end early, and waits until no snapshot is open. No range applies any more. */
    @Override
    public synchronized void close() {
        closed = true;
        boolean interrupted = false;
        while (!underWay.isEmpty()) {
            try {
                wait();
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The reading of one range, family by family. Confined to the reader. */
    private final class Walk {

        private static final int CLOSED_CHECK_RECORDS = 1024;

        private final Engine.Snapshot snapshot;
        private final MessageDigest sha = sha256();
        private final ByteBuffer lengths = ByteBuffer.allocate(2 * Integer.BYTES);
        private final Map<Family, Long> digests = new EnumMap<>(Family.class);
        private long records;
        private long bytes;
        private boolean cut;

        Walk(Engine.Snapshot snapshot) {
            this.snapshot = snapshot;
        }

        void read(Family family, byte[] from, byte[] to) {
            read(family, new byte[0], from, to);
        }

        /** Reads the range's own state but for one record, after whatever was added before. */
        void readBut(byte[] passedOver, byte[] from, byte[] to) {
            read(Family.RANGE, passedOver, from, to);
        }

        private void read(Family family, byte[] passedOver, byte[] from, byte[] to) {
            cut = isClosed();
            try (Engine.Cursor cursor = snapshot.bulkCursor(family, from, to)) {
                while (!cut && cursor.next()) {
                    byte[] key = cursor.key();
                    if (!Arrays.equals(key, passedOver)) {
                        add(key, cursor.value());
                    }
                    cut = records % CLOSED_CHECK_RECORDS == 0 && isClosed();
                }
            }
            // One digest a family; of history, which is read slice by slice, over those of the slices.
            digests.merge(family, ByteBuffer.wrap(sha.digest()).getLong(), (before, now) -> 31 * before + now);
        }

        void add(byte[] more) {
            sha.update(more);
        }

        private void add(byte[] key, byte[] value) {
            sha.update(lengths.clear().putInt(key.length).putInt(value.length).array());
            sha.update(key);
            sha.update(value);
            records++;
            bytes += key.length + value.length;
        }

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException everyPlatformHasIt) {
                throw new IllegalStateException(everyPlatformHasIt);
            }
        }
    }

    /** The command whose one effect asks the replicas. */
    private record Recording(long id) implements Invocation {

        @Override
        public Reply run(Transaction transaction) {
            ((RangeTransaction) transaction).recordChecksum(id);
            return Reply.OK;
        }

        @Override
        public boolean readOnly() {
            return false;
        }

        @Override
        public boolean mayGrow() {
            return false;
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
}
