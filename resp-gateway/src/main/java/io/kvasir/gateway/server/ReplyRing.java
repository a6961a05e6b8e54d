package io.kvasir.gateway.server;

import org.jspecify.annotations.Nullable;

/**
 * The replies a connection owes, in the order of its commands. Grows from nothing, so that an idle connection owns
 * nothing, up to the bound of {@link Connection#OUTSTANDING_MAX}. Confined to the connection's event loop.
 */
final class ReplyRing {

    private static final int CAPACITY_FIRST = 16;

    private @Nullable PendingReply[] slots = new PendingReply[0];
    private int head;
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    void add(PendingReply reply) {
        if (size == slots.length) {
            grow();
        }
        slots[head + size & slots.length - 1] = reply;
        size++;
    }

    /** Returns the oldest reply owed, null if none is. */
    @Nullable
    PendingReply first() {
        return size == 0 ? null : slots[head];
    }

    /** Returns the newest reply owed, null if none is. */
    @Nullable
    PendingReply last() {
        return size == 0 ? null : slots[head + size - 1 & slots.length - 1];
    }

    void removeFirst() {
        assert size > 0;
        slots[head] = null;
        head = head + 1 & slots.length - 1;
        size--;
    }

    private void grow() {
        @Nullable PendingReply[] roomy = new PendingReply[Math.max(CAPACITY_FIRST, 2 * slots.length)];
        for (int i = 0; i < size; i++) {
            roomy[i] = slots[head + i & slots.length - 1];
        }
        slots = roomy;
        head = 0;
    }
}
