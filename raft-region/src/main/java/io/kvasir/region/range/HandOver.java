package io.kvasir.region.range;

import io.kvasir.proto.id.StoreId;
import java.util.function.Consumer;

/** Leadership of a range that is being given away. Confined to the owner thread. */
final class HandOver {

    /** A replica that lacks more entries than this is not given leadership. */
    static final long LAG_ENTRIES_MAX = 1_000;

    /** If batches under way have not ended by then, leadership stays, in ns: their timestamps or followers are late. */
    static final long DRAIN_NANOS_MAX = 150_000_000L;

    private final StoreId to;
    private final long sinceNanos;
    private final Consumer<Boolean> whenDone;
    private boolean asked;

    HandOver(StoreId to, long sinceNanos, Consumer<Boolean> whenDone) {
        this.to = to;
        this.sinceNanos = sinceNanos;
        this.whenDone = whenDone;
    }

    StoreId to() {
        return to;
    }

    Consumer<Boolean> whenDone() {
        return whenDone;
    }

    /** The other replica is asked to lead, as soon as it has the whole log. */
    void ask() {
        asked = true;
    }

    boolean isAsked() {
        return asked;
    }

    boolean isOverdue(long now) {
        return now - sinceNanos > DRAIN_NANOS_MAX;
    }
}
