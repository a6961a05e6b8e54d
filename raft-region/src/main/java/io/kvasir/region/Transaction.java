package io.kvasir.region;

import io.kvasir.proto.key.Version;
import io.kvasir.region.RangeTransaction.SnapshotRecord;
import io.kvasir.store.engine.Engine;
import io.kvasir.store.engine.NotCached;
import org.jspecify.annotations.Nullable;

/**
 * The records a procedure reads and writes. The same procedure runs over the transaction of a range leader, whose
 * writes become part of one raft entry, and over that of a gateway, which spans ranges.
 *
 * <p>A procedure must be a pure function of its arguments and of what it reads here: it may be run again from the
 * start. Reads see the procedure's own earlier writes. Any read may throw {@link NotCached} (the run is abandoned and
 * repeated once the record is in memory) or {@link OutOfRange} (the key lies outside the range); a procedure catches
 * neither. Not thread-safe: confined to the thread that runs the procedure.
 */
public interface Transaction {

    /**
     * Asks for a user key that the procedure did not declare. A leader marks the keys of a command before it fetches
     * the timestamp, so that no reader overtakes it there (rule K1); a key it did not mark is as good as out of its
     * range.
     *
     * @throws OutOfRange if the key is neither declared nor is the whole range marked
     */
    void requireMarked(byte[] userKey);

    /** Returns the operation's timestamp, as issued by the oracle. */
    long timestamp();

    /** Returns the operation's time in ms since the Unix epoch: the physical part of its timestamp. */
    long timeMillis();

    /**
     * Returns whether a record with this expiry is gone at the operation's time (rule K12).
     *
     * @param expiryMillis expiry in ms since the Unix epoch, 0 for none
     * @throws NotCached if this read has no timestamp and needs one to tell
     */
    boolean isExpired(long expiryMillis);

    /** Returns whether {@code millis}, which is of no record but asked for, is no later than the operation's time. */
    default boolean hasPassed(long millis) {
        return millis <= timeMillis();
    }

    /** Returns the database instance that {@code database} maps to at the operation's timestamp (rule K19). */
    int instance(int database);

    /** Makes {@code database} map to {@code instance} from this operation on. */
    void mapInstance(int database, int instance);

    /**
     * Forgets {@code instance}, which no database is mapped to and of which the range holds no record any more.
     *
     * @throws IllegalStateException if keys of it are left
     */
    void forgetInstance(int instance);

    /** Returns the payload at {@code key}, or null if there is none. The array must not be changed. */
    byte @Nullable [] get(byte[] key);

    /** Returns the version of the record at {@code key}, {@link Version#NONE} if there is none. */
    Version version(byte[] key);

    /**
     * Returns a version that no record has passed that stood at {@code rootKey} and was removed: a key that is absent
     * now, and for which this is no newer than an earlier operation that found it absent, was absent in between (rule
     * K17).
     */
    Version removedUpTo(byte[] rootKey);

    /** Opens a cursor over the records from {@code from} inclusive to {@code to} exclusive; the caller closes it. */
    Engine.Cursor scan(byte[] from, byte[] to, boolean descending);

    /** Puts {@code payload} at {@code key}. Neither array may be changed afterwards. */
    void put(byte[] key, byte[] payload);

    /** Deletes the record at {@code key}, if there is one. */
    void delete(byte[] key);

    /**
     * Deletes all records from {@code from} inclusive to {@code to} exclusive, which must be of one dead generation, or
     * referred to by nothing from now on, under keys that are never used again.
     */
    void deleteRange(byte[] from, byte[] to);

    /**
     * Moves {@code rootKey} in the expiry index.
     *
     * @param oldMillis its expiry so far, 0 if it had none
     * @param newMillis its expiry from now on, 0 for none
     */
    void moveExpiry(byte[] rootKey, long oldMillis, long newMillis);

    /** Adds {@code delta} to the number of root records of {@code instance} in the range of {@code key}. */
    void addKeys(byte[] key, int instance, long delta);

    /** Returns the number of root records of {@code instance} in this transaction's range, expired ones included. */
    long keys(int instance);

    /** Returns the first key of the range at or after which records may be scanned; empty if unbounded. */
    byte[] rangeStart();

    /** Returns the first key beyond the range; empty if unbounded. */
    byte[] rangeEnd();

    /** Returns the version this operation's writes get; unique, and so fit as a generation. */
    Version generation();

    /**
     * Begins the next command of a procedure that is made of several: what it writes has a version of its own, above
     * those of the commands before it, and its events stand by themselves (rule K17).
     */
    void nextCommand();

    /** Returns 64 random bits: the range leader's in production, a seed's in simulation. */
    long random();

    /**
     * Opens a cursor over records as they stood at {@code timestamp}, at which the range's leader has pinned them; the
     * caller closes it.
     *
     * @throws SnapshotTooOld if they are not pinned there any more; also from the cursor
     * @throws NotCached where it may not wait for the disk
     */
    default Engine.Cursor scanPinned(long timestamp, byte[] from, byte[] to, boolean descending) {
        throw NotCached.SIGNAL;
    }

    /**
     * Returns the record at {@code key} as it stood at {@code timestamp}, which was issued before this procedure's own:
     * from what the range keeps of its past on disk.
     *
     * @throws SnapshotTooOld if the range keeps none of that key's database, or not as far back
     * @throws NotCached where it may not wait for the disk
     */
    default SnapshotRecord pastRecord(long timestamp, byte[] key) {
        throw NotCached.SIGNAL;
    }

    /** Opens a cursor over the records as they stood at {@code timestamp}, as {@link #pastRecord} has them. */
    default Engine.Cursor scanPast(long timestamp, byte[] from, byte[] to, boolean descending) {
        throw NotCached.SIGNAL;
    }

    /** Returns the instance that {@code database} was mapped to at {@code timestamp}; as {@link #pastRecord}. */
    default int pastInstance(long timestamp, int database) {
        throw NotCached.SIGNAL;
    }

    /**
     * Says that the procedure goes on for long without looking at records: where other commands wait for it, it is
     * abandoned, and run again where none does (rule K32). Without effect where none does.
     */
    default void takesLong() {}

    /** Records a keyspace event of {@code key}; dropped unless somebody listens. */
    void event(EventCode code, byte[] rootKey);
}
