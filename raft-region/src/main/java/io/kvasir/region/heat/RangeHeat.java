package io.kvasir.region.heat;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Slot;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts where in a range its leader is read and written: its slots are cut into {@link #SEGMENTS}, each with counts
 * and one key that was used lately. It costs a command the slot of its first key and two additions; a segment that is
 * never used costs nothing. After a split the parts are cut anew, and what was not told yet is lost.
 *
 * <p>Counted on any thread; {@link #tell} is confined to one at a time.
 */
public final class RangeHeat {

    /** Parts of a range that are counted apart. */
    public static final int SEGMENTS = 16;

    /** Bytes of a key that are told. */
    public static final int SAMPLE_BYTES_MAX = 48;

    private static final class Counts {
        private final LongAdder reads = new LongAdder();
        private final LongAdder writes = new LongAdder();
        private final LongAdder readBytes = new LongAdder();
        private final LongAdder writtenBytes = new LongAdder();
        private volatile byte @Nullable [] sample;
        /** What was told of the four; confined to who tells. */
        private long[] told = new long[4];

        private long[] now() {
            return new long[] {reads.sum(), writes.sum(), readBytes.sum(), writtenBytes.sum()};
        }
    }

    /** Slots from {@code first} to before {@code end}, and their segments. */
    private record Division(int first, int end, AtomicReferenceArray<@Nullable Counts> counts) {

        private static Division of(RegionDescriptor region) {
            int first = region.firstSlot();
            byte[] bound = region.end();
            int end = bound.length == 0
                    ? Slot.COUNT
                    : KeyLayout.slotOf(bound) + (bound.length > KeyLayout.slotStart(0).length ? 1 : 0);
            int segments = Math.max(1, Math.min(SEGMENTS, end - first));
            return new Division(first, Math.max(end, first + 1), new AtomicReferenceArray<>(segments));
        }

        private @Nullable Counts at(int slot) {
            if (slot < first || slot >= end) {
                return null; // of the part that was split off
            }
            int segment = (slot - first) * counts.length() / (end - first);
            Counts known = counts.get(segment);
            if (known != null) {
                return known;
            }
            Counts fresh = new Counts();
            Counts other = counts.compareAndExchange(segment, null, fresh);
            return other == null ? fresh : other;
        }

        /** Returns the first slot of {@code segment}: the smallest that {@link #at} finds there. */
        private int slotOf(int segment) {
            int slots = end - first;
            return first + (segment * slots + counts.length() - 1) / counts.length();
        }
    }

    private volatile Division division;

    public RangeHeat(RegionDescriptor region) {
        division = Division.of(region);
    }

    /** A read of {@code keys} was answered at once with {@code reply}. */
    public void answered(List<byte[]> keys, Reply reply) {
        Counts counts = count(keys);
        if (counts != null) {
            counts.reads.increment();
            counts.readBytes.add(bytes(reply));
        }
    }

    /** A command on {@code keys} was taken into the queue. */
    public void taken(List<byte[]> keys, boolean readOnly, long argumentBytes) {
        Counts counts = count(keys);
        if (counts == null) {
            return;
        }
        if (readOnly) {
            counts.reads.increment();
        } else {
            counts.writes.increment();
            counts.writtenBytes.add(argumentBytes);
        }
    }

    /**
     * Returns what hands an outcome to {@code whenDone}, and counts the bytes of its reply to a read of {@code keys}.
     */
    public Consumer<Outcome> weighing(List<byte[]> keys, Consumer<Outcome> whenDone) {
        return outcome -> {
            if (outcome instanceof Outcome.Done(Reply reply)) {
                Counts counts = count(keys);
                if (counts != null) {
                    counts.readBytes.add(bytes(reply));
                }
            }
            whenDone.accept(outcome);
        };
    }

    private @Nullable Counts count(List<byte[]> keys) {
        if (keys.isEmpty()) {
            return null;
        }
        byte[] key = keys.getFirst();
        Counts counts = division.at(Slot.of(key));
        if (counts != null && counts.sample == null) {
            counts.sample = Arrays.copyOf(key, Math.min(key.length, SAMPLE_BYTES_MAX));
        }
        return counts;
    }

    private static long bytes(Reply reply) {
        return switch (reply) {
            case Reply.Bulk(byte[] bytes) -> bytes.length;
            case Reply.Array(List<Reply> elements) -> bytes(elements);
            case Reply.MapOf(List<Reply> elements) -> bytes(elements);
            case Reply.SetOf(List<Reply> elements) -> bytes(elements);
            default -> 0;
        };
    }

    private static long bytes(List<Reply> elements) {
        long bytes = 0;
        for (Reply element : elements) {
            bytes += bytes(element);
        }
        return bytes;
    }

    /** Returns what was done since this was called last, of segments where anything was; {@code region} is it now. */
    public List<SegmentHeat> tell(RegionDescriptor region) {
        Division now = division;
        List<SegmentHeat> told = new ArrayList<>();
        for (int i = 0; i < now.counts.length(); i++) {
            Counts counts = now.counts.get(i);
            if (counts != null) {
                tell(now, i, counts, told);
            }
        }
        Division wanted = Division.of(region);
        if (wanted.first != now.first || wanted.end != now.end) {
            division = wanted;
        }
        return told;
    }

    private static void tell(Division division, int segment, Counts counts, List<SegmentHeat> told) {
        long[] sums = counts.now();
        long[] before = counts.told;
        byte[] sample = counts.sample;
        if (Arrays.equals(sums, before)) {
            return;
        }
        counts.told = sums;
        counts.sample = null;
        told.add(new SegmentHeat(
                division.slotOf(segment),
                division.slotOf(segment + 1),
                sums[0] - before[0],
                sums[1] - before[1],
                sums[2] - before[2],
                sums[3] - before[3],
                sample == null ? new byte[0] : sample));
    }
}
