package io.kvasir.store.log;

import io.kvasir.proto.id.RegionId;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The log and hard state of one live replica, kept in the {@link LogEngine} of its store.
 *
 * <p>Indexes run without gaps from {@link #firstIndex} to {@link #lastIndex}; the log is empty if the last is one less than
 * the first. A change becomes visible to readers when it is durable, never before. Changes of one group take effect in the
 * order in which they were handed over; to hand over from several threads at once is safe but leaves the order open.
 *
 * <p>Safe for any thread. Methods that change something and return void wait until it is durable and must not be called from
 * a {@code whenDurable} callback. After the replica is destroyed they throw {@link IllegalStateException}; after an I/O error
 * of the engine they throw {@link LogFault}; a call that breaks a rule stated at the method throws
 * {@link IllegalArgumentException} and changes nothing.
 */
public final class GroupLog {

    /** Returns the group's region. */
    public RegionId region() {
        throw new UnsupportedOperationException();
    }

    /** Returns the incarnation of this replica. */
    public int incarnation() {
        throw new UnsupportedOperationException();
    }

    /** Returns the first index kept, or the next to be appended if the log is empty; at least 1. */
    public long firstIndex() {
        throw new UnsupportedOperationException();
    }

    /** Returns the last durable index; {@code firstIndex() - 1} if the log is empty. */
    public long lastIndex() {
        throw new UnsupportedOperationException();
    }

    /** Returns the term of the entry at {@code index} from memory, or -1 if the log does not hold it. */
    public long termAt(long index) {
        throw new UnsupportedOperationException();
    }

    /** Returns the type of the entry at {@code index} from memory, or -1 if the log does not hold it. */
    public byte typeAt(long index) {
        throw new UnsupportedOperationException();
    }

    /**
     * Returns the indexes of the entries of {@code type}, ascending, from memory.
     *
     * @param type any but {@link Entry#DATA}
     */
    public long[] indexesOfType(byte type) {
        throw new UnsupportedOperationException();
    }

    /**
     * Returns the data of the entry at {@code index}, not to be changed, or null if the log does not hold it. Recent entries
     * come from memory, older ones from the disk, for which the caller waits.
     *
     * @throws LogFault if the disk fails or returns other bytes than were written
     */
    public byte @Nullable [] read(long index) {
        throw new UnsupportedOperationException();
    }

    /**
     * Appends {@code entries}, all or none, and returns when they are durable.
     *
     * @param firstIndex index of the first of them: the last index plus one, with appends under way counted
     * @param entries at least one; terms do not fall, from the last entry of the log on
     */
    public void append(long firstIndex, List<Entry> entries) {
        throw new UnsupportedOperationException();
    }

    /**
     * Appends as {@link #append(long, List)} does, but returns when the entries are queued, waiting only for room in the
     * queue.
     *
     * @param whenDurable called once by the engine's writer thread when the entries are durable and visible; must not wait
     *     and must not throw. Not called if the engine fails or closes before, or if the call broke a rule
     */
    public void append(long firstIndex, List<Entry> entries, Runnable whenDurable) {
        throw new UnsupportedOperationException();
    }

    /**
     * Drops the entries before {@code firstKept}. If that is beyond the last index plus one, the log becomes empty and
     * {@code firstKept} is the next index to append. Nothing happens if it is not above {@link #firstIndex}.
     */
    public void truncatePrefix(long firstKept) {
        throw new UnsupportedOperationException();
    }

    /**
     * Drops the entries after {@code lastKept}. Nothing happens if it is not below {@link #lastIndex}.
     *
     * @param lastKept at least {@code firstIndex() - 1}
     */
    public void truncateSuffix(long lastKept) {
        throw new UnsupportedOperationException();
    }

    /** Drops all entries and makes {@code nextIndex}, at least 1, the next to be appended. The hard state stays. */
    public void reset(long nextIndex) {
        throw new UnsupportedOperationException();
    }

    /** Returns the newest durable hard state; a volatile read. */
    public HardState hardState() {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes {@code state} durable. In one term a vote once given stays: saving the same term without a vote changes nothing.
     *
     * @throws IllegalArgumentException if its term is older than the present one, or it votes for another replica in the
     *     same term; nothing is changed then
     */
    public void saveHardState(HardState state) {
        throw new UnsupportedOperationException();
    }

    /** Returns the mark of an install that has begun and has not ended; a replica found with it at start is to be wiped. */
    public Optional<InstallMark> installing() {
        throw new UnsupportedOperationException();
    }
}
