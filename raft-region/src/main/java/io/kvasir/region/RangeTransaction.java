package io.kvasir.region;

import io.kvasir.proto.key.Version;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.NotCached;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a range offers beyond {@link Transaction} to the procedures of transactions over several ranges: locks on user
 * keys, fates, records as they stood at a timestamp, and effects at a timestamp of the past. The rules by which these
 * are used are the procedures'.
 *
 * <p>To every other procedure locks are invisible: one that needs a locked key is run again once the lock is gone, and
 * one that changes the map of databases once there is no lock at all (rule K19). Confined as {@link Transaction} is.
 */
public interface RangeTransaction extends Transaction {

    /** Makes this procedure look after locks by itself from here on: no read or write of it waits for one. */
    void passLocks();

    /**
     * Makes every replica of the range compute a checksum of what it holds right after this operation's entry.
     *
     * @param id number under which the replicas keep it
     */
    void recordChecksum(long id);

    /**
     * Keeps what is replaced in {@code database} from here on for {@code millis}, so that it can be read at a timestamp
     * of the past (rule K8); 0 for not at all.
     *
     * @param horizon if it is kept already: what stood before this timestamp is not needed any more
     */
    void keepPast(int database, long millis, long horizon);

    /** Returns what stands for the map of databases to instances where a lock names a stem. */
    byte[] mapStem();

    /** Returns what stands for the {@code number}-th span that a transaction locks where a lock names a stem. */
    byte[] spanStem(int number);

    /** Returns the locks on {@code stem}: none, one that is not shared, or shared ones. */
    List<KeyLock> locks(byte[] stem);

    /** Returns all locks in the range that {@code owner} holds, by stem. */
    List<KeyLock> locksOf(long owner);

    /** Returns any lock of another than {@code owner} in the range, null if there is none. */
    @Nullable
    KeyLock anyLockBut(long owner);

    /** Returns the locks that are not shared on keys with records from {@code from} to {@code to}, excluded. */
    List<KeyLock> locksWithin(byte[] from, byte[] to);

    /** Returns the locks on spans that cover {@code stem}. */
    List<KeyLock> spansOver(byte[] stem);

    /** Returns the procedures that wait for a lock on {@code stem} to go, the first to run first. */
    List<Invocation> waiting(byte[] stem);

    /** Returns the procedures that wait for a lock in {@code span} to go, or for one on a span that overlaps it. */
    List<Invocation> waitingWithin(KeySpan span);

    /**
     * Names a lock in the way whose transaction may not be at work any more to those who resolve locks, although
     * nothing waits for it here.
     */
    void reportOverdue(KeyLock lock);

    /** Adds {@code lock}, or replaces the one of the same owner on the same stem. */
    void lock(KeyLock lock);

    /** Removes {@code lock}. */
    void unlock(KeyLock lock);

    /**
     * Returns the fate recorded under (stem, owner), null if there is none.
     *
     * @throws NotCached if only the disk knows
     */
    byte @Nullable [] fate(byte[] stem, long owner);

    void putFate(byte[] stem, long owner, byte[] fate);

    void deleteFate(byte[] stem, long owner);

    /**
     * Returns a timestamp at or after which nothing was removed from {@code rootKey}; it may be that of a neighbour's
     * removal.
     */
    long removedAt(byte[] rootKey);

    /**
     * Returns whether a record in {@code span} was written or removed after {@code timestamp}.
     *
     * @throws SnapshotTooOld if the range does not know any more
     */
    boolean hasChangedSince(long timestamp, KeySpan span);

    /**
     * Gives what this procedure writes from here on the commit timestamp {@code commit}, which is below its own.
     * Nothing but the procedure's own locks has kept the keys still since {@code commit}.
     */
    void commitAt(long commit);

    /**
     * Returns the timestamp of the newest batch that wrote anything, whether it is applied, under way or this one. A
     * replica that has applied that batch holds all that was ever acknowledged before this procedure began.
     */
    long newestWrite();

    /**
     * Returns the record at {@code key} as it stood at {@code timestamp}, which was issued before this procedure's own.
     *
     * @throws SnapshotTooOld if the range does not know any more
     */
    SnapshotRecord recordAt(long timestamp, byte[] key);

    /**
     * Opens a cursor as {@link #scan} does over the records as they stood at {@code timestamp}.
     *
     * @throws SnapshotTooOld also from the cursor
     */
    Engine.Cursor scanAt(long timestamp, byte[] from, byte[] to, boolean descending);

    /**
     * Returns the instance that {@code database} was mapped to at {@code timestamp}.
     *
     * @throws SnapshotTooOld if the map has changed since, or may have
     */
    int instanceAt(long timestamp, int database);

    /**
     * Pins the records of the range as they stood at {@code timestamp}, for {@link #scanPinned}. No lock may stand that
     * was there at {@code timestamp} already.
     *
     * @return false if too many are pinned
     * @throws SnapshotTooOld if the range does not know any more what stood there; asked again with a later timestamp
     *     it will
     */
    boolean pin(long timestamp);

    /** Lets go what {@link #pin} pinned at {@code timestamp}, if it is still there. */
    void unpin(long timestamp);

    /** A record as it stood at a timestamp; {@link Version#NONE} and null if there was none. */
    record SnapshotRecord(Version version, byte @Nullable [] payload) {

        public static final SnapshotRecord ABSENT = new SnapshotRecord(Version.NONE, null);
    }
}
