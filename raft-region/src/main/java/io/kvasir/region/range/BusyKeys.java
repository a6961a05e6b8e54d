package io.kvasir.region.range;

import io.kvasir.proto.key.KeyHash;
import io.kvasir.region.OutOfRange;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Which keys have a write under way: marked before a command enters the inbox, unmarked once it is applied or surely
 * without effect (rule K1). A read at "now" may be answered from applied state only if none of its keys is busy.
 *
 * <p>Counters striped by key hash: two keys of one stripe share their fate, which costs a read its short cut and
 * nothing else. A command that does not declare its keys marks the range. Safe for any thread.
 */
final class BusyKeys {

    private static final int STRIPES = 4096;

    private final AtomicIntegerArray stripes = new AtomicIntegerArray(STRIPES);
    private final AtomicInteger undeclared = new AtomicInteger();
    private final AtomicInteger total = new AtomicInteger();

    /**
     * Asks whether {@code userKey} is among the keys marked for a command.
     *
     * @param hashes of the keys marked; none if the whole range is
     * @throws OutOfRange if it is not
     */
    static void requireMarked(int[] hashes, byte[] userKey) {
        if (hashes.length == 0) {
            return;
        }
        int wanted = KeyHash.of(userKey);
        for (int hash : hashes) {
            if (hash == wanted) {
                return;
            }
        }
        throw OutOfRange.SIGNAL;
    }

    /** Marks the keys with these hashes, or the range if there are none. */
    void mark(int[] hashes) {
        total.incrementAndGet();
        if (hashes.length == 0) {
            undeclared.incrementAndGet();
        }
        for (int hash : hashes) {
            stripes.incrementAndGet(stripe(hash));
        }
    }

    /** Takes one mark back. */
    void unmark(int[] hashes) {
        for (int hash : hashes) {
            int left = stripes.decrementAndGet(stripe(hash));
            assert left >= 0 : left;
        }
        if (hashes.length == 0) {
            int left = undeclared.decrementAndGet();
            assert left >= 0 : left;
        }
        total.decrementAndGet();
    }

    /** Returns whether any of these keys may be busy; with no hashes, whether anything in the range is. */
    boolean isBusy(int[] hashes) {
        if (total.get() == 0) {
            return false;
        }
        if (hashes.length == 0 || undeclared.get() != 0) {
            return true;
        }
        for (int hash : hashes) {
            if (stripes.get(stripe(hash)) != 0) {
                return true;
            }
        }
        return false;
    }

    private static int stripe(int hash) {
        return (hash ^ hash >>> 16) & STRIPES - 1;
    }
}
