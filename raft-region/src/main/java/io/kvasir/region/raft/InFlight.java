package io.kvasir.region.raft;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.error.RaftError;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The entries that a leader has proposed in one term and not yet applied: their number and bytes are bounded, because
 * SOFAJRaft bounds neither. The one closure of all tasks of the term, too: it learns when SOFAJRaft has dropped one
 * although the term goes on.
 *
 * <p>Safe for any thread.
 */
final class InFlight implements Closure {

    /**
     * Most entries: half as many as a ring has slots, so that it never refuses one. A ring frees the slots of all that
     * its reader takes at once when the last of them is done, and by then the first may have been applied, and as many
     * new ones proposed.
     */
    static final int ENTRIES_MAX = GroupSettings.RING_SLOTS / 2;

    /** Most bytes, unless it is one entry alone. */
    static final long BYTES_MAX = 64L << 20;

    private final long term;
    private final Runnable lost;
    private final AtomicInteger entries = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    /** @param lost called for each entry that was surely dropped while the term goes on */
    InFlight(long term, Runnable lost) {
        this.term = term;
        this.lost = lost;
    }

    long term() {
        return term;
    }

    /** Counts an entry about to be proposed; returns false, counting nothing, if there is no room. */
    boolean add(int size) {
        if (entries.incrementAndGet() > ENTRIES_MAX) {
            entries.decrementAndGet();
            return false;
        }
        if (bytes.addAndGet(size) > BYTES_MAX && bytes.get() != size) {
            remove(size);
            return false;
        }
        return true;
    }

    boolean isEmpty() {
        return entries.get() == 0;
    }

    /** An entry counted was applied, or was never handed over. */
    void remove(int size) {
        entries.decrementAndGet();
        bytes.addAndGet(-size);
    }

    /**
     * SOFAJRaft will not append a task, or does not know. Its codes for a lost leadership say nothing about the entry
     * (rule K22) and are passed over: a newer term will tell. These two say that the entry was dropped and the term may
     * go on, in which nothing would ever tell.
     */
    @Override
    public void run(Status status) {
        if (status.getCode() == RaftError.EBUSY.getNumber() || status.getCode() == RaftError.EINTERNAL.getNumber()) {
            lost.run();
        }
    }
}
