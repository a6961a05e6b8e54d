package io.kvasir.region.raft;

import io.kvasir.proto.id.RegionId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A request on the lease channel, from one store to another for many groups at once. Format version 1, kind (1 byte,
 * its high bit set if a disk of the sender is nearly full), length of the leases that are asked for in ms (4 bytes),
 * count (4 bytes), and per group: region (8), incarnation of the replica addressed (4), term (8), flags (1); all
 * big-endian. The answer is format version 1, count (4), and one status byte per group. A frame without groups is a
 * sign of life.
 */
record LeaseFrame(Kind kind, boolean diskLow, int leaseMillis, List<Item> items) {

    /** What is asked of every group in the frame; numbers are part of the wire format and never reused. */
    enum Kind {
        /**
         * Is this term still the newest, and if {@link Item#promise}, will you take part in no election for a while?
         */
        CONFIRM(1),
        /** Do you miss a leader? */
        POLL(2);

        private final int number;

        Kind(int number) {
            this.number = number;
        }
    }

    /** The question about one group. */
    record Item(RegionId region, int incarnation, long term, boolean promise) {}

    /** Bit of the status for CONFIRM: the term is still the newest. */
    static final int CONFIRMED = 1;

    /** Bit of the status for CONFIRM: and the promise is given. */
    static final int PROMISED = 2;

    /** Status for POLL: a leader is missed. */
    static final int FREE = 4;

    /** Status for POLL: a leader is known and alive, and it is not who asks. */
    static final int LED = 8;

    /** Most groups in one frame. */
    static final int ITEMS_MAX = 16_384;

    private static final byte FORMAT = 1;
    private static final int DISK_LOW = 0x80;
    private static final int HEADER_BYTES = 10;
    private static final int ITEM_BYTES = 21;
    private static final int ANSWER_HEADER_BYTES = 5;

    LeaseFrame {
        if (items.size() > ITEMS_MAX) {
            throw new IllegalArgumentException(items.size() + " groups in a frame, at most " + ITEMS_MAX);
        }
        items = List.copyOf(items);
    }

    LeaseFrame(Kind kind, List<Item> items) {
        this(kind, false, 0, items);
    }

    byte[] encode() {
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + items.size() * ITEM_BYTES);
        bytes.put(FORMAT)
                .put((byte) (kind.number | (diskLow ? DISK_LOW : 0)))
                .putInt(leaseMillis)
                .putInt(items.size());
        for (Item item : items) {
            bytes.putLong(item.region.value())
                    .putInt(item.incarnation)
                    .putLong(item.term)
                    .put((byte) (item.promise ? 1 : 0));
        }
        return bytes.array();
    }

    /** @throws IllegalArgumentException if {@code frame} is not one */
    static LeaseFrame decode(byte[] frame) {
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        if (frame.length < HEADER_BYTES || bytes.get() != FORMAT) {
            throw new IllegalArgumentException("not a lease frame of format " + FORMAT);
        }
        int first = bytes.get() & 0xFF;
        Kind kind = kind(first & ~DISK_LOW);
        int leaseMillis = bytes.getInt();
        int count = bytes.getInt();
        if (leaseMillis < 0 || count < 0 || count > ITEMS_MAX || bytes.remaining() != count * ITEM_BYTES) {
            throw new IllegalArgumentException("lease frame with " + count + " groups in " + frame.length + " bytes");
        }
        List<Item> items = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            items.add(new Item(new RegionId(bytes.getLong()), bytes.getInt(), bytes.getLong(), bytes.get() != 0));
        }
        return new LeaseFrame(kind, (first & DISK_LOW) != 0, leaseMillis, items);
    }

    static byte[] encodeAnswer(byte[] statuses) {
        return ByteBuffer.allocate(ANSWER_HEADER_BYTES + statuses.length)
                .put(FORMAT)
                .putInt(statuses.length)
                .put(statuses)
                .array();
    }

    /**
     * Returns the status of each group asked for, in the order asked.
     *
     * @throws IllegalArgumentException if {@code frame} is not an answer about {@code count} groups
     */
    static byte[] decodeAnswer(byte[] frame, int count) {
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        if (frame.length != ANSWER_HEADER_BYTES + count || bytes.get() != FORMAT || bytes.getInt() != count) {
            throw new IllegalArgumentException("not an answer about " + count + " groups");
        }
        byte[] statuses = new byte[count];
        bytes.get(statuses);
        return statuses;
    }

    private static Kind kind(int number) {
        for (Kind kind : Kind.values()) {
            if (kind.number == number) {
                return kind;
            }
        }
        throw new IllegalArgumentException("unknown kind of lease frame: " + number);
    }
}
