package io.kvasir.gateway.type;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.region.Transaction;

/**
 * The user keys of one database as one command sees them: the door from commands to the data types. Made anew for each
 * command, since it counts what the command writes. Confined to the thread that runs the command.
 */
public final class Keyspace {

    /**
     * Most bytes one command may write, keys and a share for each record's frame included: the longest string and as
     * much again. A range bounds it further, by its node's memory, and what is not new by a raft entry (rule K11).
     */
    public static final long EFFECT_BYTES_MAX = 1L << 30;

    /** Counted for each record written beside its key and payload: version, lengths and index in the entry. */
    static final int RECORD_FRAME_BYTES = 40;

    static final CommandError TOO_LARGE =
            new CommandError("ERR value too large: one command may write at most " + EFFECT_BYTES_MAX + " bytes");

    private final Transaction transaction;
    private final int instance;
    private final Thresholds thresholds;
    private long claimedBytes;

    private Keyspace(Transaction transaction, int instance, Thresholds thresholds) {
        this.transaction = transaction;
        this.instance = instance;
        this.thresholds = thresholds;
    }

    /** Returns the keys of {@code database} over {@code transaction}. */
    public static Keyspace of(Transaction transaction, int database) {
        return of(transaction, database, Thresholds.DEFAULT);
    }

    /** Returns the keys of {@code database} over {@code transaction}, whose values go by {@code thresholds}. */
    public static Keyspace of(Transaction transaction, int database, Thresholds thresholds) {
        return new Keyspace(transaction, transaction.instance(database), thresholds);
    }

    /** Returns the keys of database instance {@code instance}, whatever database it is or was. */
    public static Keyspace ofInstance(Transaction transaction, int instance) {
        return new Keyspace(transaction, instance, Thresholds.DEFAULT);
    }

    public Transaction transaction() {
        return transaction;
    }

    /** Returns the database instance that the keys are in (rule K19). */
    public int instance() {
        return instance;
    }

    /** Returns the thresholds by which values written here change their encoding. */
    public Thresholds thresholds() {
        return thresholds;
    }

    /** Reads the root record of {@code userKey}; an expired one counts as absent. */
    public Entry open(byte[] userKey) {
        return new Entry(this, userKey, KeyLayout.root(instance, userKey));
    }

    /**
     * Opens {@code userKey} as a string, perhaps absent.
     *
     * @throws CommandError WRONGTYPE if it holds another type
     */
    public StringValue string(byte[] userKey) throws CommandError {
        return StringValue.of(open(userKey).require(RootType.STRING));
    }

    /** Returns a generation for new sub-records. */
    public Version newGeneration() {
        return transaction.generation();
    }

    /**
     * Counts {@code bytes} that the command is about to write, in {@code records} records, keys not included; to be
     * called before anything is written.
     *
     * @throws CommandError "ERR value too large…" if the command would write more than {@link #EFFECT_BYTES_MAX}
     */
    public void claim(long records, long bytes) throws CommandError {
        claimedBytes += records * RECORD_FRAME_BYTES + bytes;
        if (claimedBytes > EFFECT_BYTES_MAX) {
            throw TOO_LARGE;
        }
    }
}
