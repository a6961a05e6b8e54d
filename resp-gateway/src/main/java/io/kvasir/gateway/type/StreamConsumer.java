package io.kvasir.gateway.type;

import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;

/**
 * A consumer of a {@link StreamGroup}: its name, how many entries are pending for it, and when it was last seen and
 * last got or claimed an entry, in ms since the Unix epoch. Stored as
 *
 * <pre>
 *   name, bytes | pending, varint | seen, varint | active + 1, varint
 * </pre>
 *
 * Confined to the thread that runs the command.
 */
public final class StreamConsumer {

    private final int number;
    private final byte[] name;
    private long pending;
    private long seenMillis;
    private long activeMillis;
    private boolean changed;

    StreamConsumer(int number, byte[] name, long seenMillis) {
        this(number, name, 0, seenMillis, -1);
        changed = true;
    }

    private StreamConsumer(int number, byte[] name, long pending, long seenMillis, long activeMillis) {
        this.number = number;
        this.name = name;
        this.pending = pending;
        this.seenMillis = seenMillis;
        this.activeMillis = activeMillis;
    }

    static StreamConsumer decode(int number, byte[] record) {
        WireReader in = new WireReader(record);
        StreamConsumer consumer = new StreamConsumer(number, in.bytes(), in.varint(), in.varint(), in.varint() - 1);
        in.end();
        return consumer;
    }

    byte[] encode() {
        WireWriter out = new WireWriter(name.length + 32);
        out.bytes(name).varint(pending).varint(seenMillis).varint(activeMillis + 1);
        changed = false;
        return out.toBytes();
    }

    /** Returns its number within its group. */
    public int number() {
        return number;
    }

    public byte[] name() {
        return name;
    }

    /** Returns how many entries are pending for it. */
    public long pending() {
        return pending;
    }

    /** Returns when a command named it last. */
    public long seenMillis() {
        return seenMillis;
    }

    /** Returns when it got or claimed an entry last; -1 if it never did. */
    public long activeMillis() {
        return activeMillis;
    }

    boolean isChanged() {
        return changed;
    }

    void addPending(long delta) {
        pending += delta;
        changed = true;
    }

    /** Notes that a command named it. */
    public void seen(long millis) {
        seenMillis = millis;
        changed = true;
    }

    /** Notes that it got an entry, or claimed one. */
    public void active(long millis) {
        activeMillis = millis;
        changed = true;
    }
}
