package io.kvasir.gateway.type;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One user key within one command: its root record and what belongs to it, that is its sub-records, its place in the
 * expiry index and its part in the number of keys, which are kept in step here and nowhere else.
 *
 * <p>An expired root is as good as absent (rule K12); the first write over it drops it with all that belongs to it.
 * Every write to a sub-record must be followed by a {@link #put}, because the version of a user key is that of its root
 * (rule K20). Confined to the thread that runs the command; not to be used after another entry of the same key was
 * written.
 */
public final class Entry {

    /**
     * Sub-records up to this number are deleted one by one; more by a range delete, which every later read pays for
     * (K26).
     */
    static final int DELETE_SINGLY_MAX = 2_048;

    /** Bytes of the keys of sub-records beyond which they go by a range delete too: an entry is bounded (K11). */
    static final long DELETE_SINGLY_BYTES_MAX = 256 << 10;

    private final Keyspace keyspace;
    private final Transaction transaction;
    private final byte[] userKey;
    private final byte[] rootKey;
    private @Nullable Root live;
    private @Nullable Root expired;
    private long deletedRecords;
    private long deletedKeyBytes;

    Entry(Keyspace keyspace, byte[] userKey, byte[] rootKey) {
        this.keyspace = keyspace;
        this.transaction = keyspace.transaction();
        this.userKey = userKey;
        this.rootKey = rootKey;
        byte[] record = transaction.get(rootKey);
        if (record != null) {
            Root root = Root.decode(record);
            if (root.expiryMillis() != 0 && transaction.isExpired(root.expiryMillis())) {
                expired = root;
            } else {
                live = root;
            }
        }
    }

    public Keyspace keyspace() {
        return keyspace;
    }

    public byte[] userKey() {
        return userKey;
    }

    /** Returns the stored key of the root record. */
    public byte[] rootKey() {
        return rootKey;
    }

    /** Returns the stem, from which keys of sub-records are made. */
    public byte[] stem() {
        return Arrays.copyOf(rootKey, rootKey.length - 1);
    }

    public boolean exists() {
        return live != null;
    }

    /** Returns whether a root record is stored whose time has come. */
    public boolean isExpired() {
        return expired != null;
    }

    /**
     * Returns the root.
     *
     * @throws IllegalStateException if the key does not exist
     */
    public Root root() {
        Root root = live;
        if (root == null) {
            throw new IllegalStateException("no such key");
        }
        return root;
    }

    /** Returns the expiry in ms since the Unix epoch; 0 if the key has none or does not exist. */
    public long expiryMillis() {
        Root root = live;
        return root == null ? 0 : root.expiryMillis();
    }

    /**
     * Returns this.
     *
     * @throws CommandError WRONGTYPE if the key exists with another type
     */
    public Entry require(RootType type) throws CommandError {
        Root root = live;
        if (root != null && root.type() != type) {
            throw CommandError.WRONG_TYPE;
        }
        return this;
    }

    /**
     * Stores {@code root}, whether the key exists or not. Sub-records are left alone, those of an expired root
     * excepted: whoever changes the generation has dropped the old ones by {@link #dropElements}.
     */
    public void put(Root root) {
        dropExpired();
        Root old = live;
        if (old == null) {
            transaction.addKeys(rootKey, keyspace.instance(), 1);
            event(KeyspaceEvent.NEW);
        }
        moveExpiry(old == null ? 0 : old.expiryMillis(), root.expiryMillis());
        transaction.put(rootKey, root.encode());
        live = root;
    }

    /** Removes the key with all that belongs to it; without effect if it does not exist. */
    public void remove() {
        Root old = live;
        if (old != null) {
            dropRoot(old);
            live = null;
        }
    }

    /** Deletes the sub-records of the live root, which the caller then replaces by {@link #put}. */
    public void dropElements() {
        Root old = live;
        if (old != null) {
            dropElements(old);
        }
    }

    /** Sets the expiry of the existing key, in ms since the Unix epoch; 0 for none. */
    public void setExpiry(long expiryMillis) {
        put(root().withExpiry(expiryMillis));
    }

    /** Drops the root if its time has come, with the event "expired"; returns whether it had. */
    public boolean dropExpired() {
        Root old = expired;
        if (old == null) {
            return false;
        }
        dropRoot(old);
        expired = null;
        event(KeyspaceEvent.EXPIRED);
        return true;
    }

    /** Removes what is stored, live or expired, without an event: for instances that no database is mapped to. */
    public void discard() {
        Root old = expired;
        if (old != null) {
            dropRoot(old);
            expired = null;
        }
        remove();
    }

    /** Drops the root if its time has come, as {@link #dropExpired}; returns about what that deleted. */
    public Deleted sweep() {
        Root old = expired;
        if (old == null) {
            return Deleted.NOTHING;
        }
        deletedRecords = 1;
        deletedKeyBytes = rootKey.length;
        dropExpired();
        return new Deleted(deletedRecords, deletedKeyBytes);
    }

    /**
     * What a command deleted.
     *
     * @param keyBytes bytes of the records' stored keys
     */
    public record Deleted(long records, long keyBytes) {

        public static final Deleted NOTHING = new Deleted(0, 0);

        public Deleted plus(Deleted more) {
            return new Deleted(records + more.records, keyBytes + more.keyBytes);
        }
    }

    /** Reports {@code event} of this key. */
    public void event(KeyspaceEvent event) {
        transaction.event(event.code(), rootKey);
    }

    private void dropRoot(Root root) {
        dropElements(root);
        moveExpiry(root.expiryMillis(), 0);
        transaction.delete(rootKey);
        transaction.addKeys(rootKey, keyspace.instance(), -1);
    }

    private void moveExpiry(long oldMillis, long newMillis) {
        if (oldMillis != newMillis) {
            transaction.moveExpiry(rootKey, oldMillis, newMillis);
        }
    }

    private void dropElements(Root root) {
        if (root.isInline()) {
            return;
        }
        if (root.type() == RootType.STRING) {
            StringValue.dropChunks(this, root);
            return;
        }
        long records = records(root);
        for (byte kind : root.type().kinds()) {
            byte[] from = KeyLayout.elementPrefix(stem(), kind, root.generation());
            byte[] to = KeyLayout.after(from);
            drop(records <= DELETE_SINGLY_MAX ? keysBetween(from, to) : Optional.empty(), from, to);
        }
    }

    private static long records(Root root) {
        return switch (root.type()) {
            case LIST -> ListValue.records(root);
            case STREAM -> StreamValue.records(root);
            case STRING, SET, ZSET, HASH -> root.count();
        };
    }

    /** Deletes {@code keys}, or everything between the bounds if there are none: they are too many. */
    void drop(Optional<List<byte[]>> keys, byte[] from, byte[] to) {
        if (keys.isEmpty()) {
            transaction.deleteRange(from, to);
            deletedRecords++;
            deletedKeyBytes += from.length + to.length;
            return;
        }
        for (byte[] key : keys.get()) {
            transaction.delete(key);
            deletedRecords++;
            deletedKeyBytes += key.length;
        }
    }

    /** Returns the keys between the bounds, empty if they have too many bytes to be deleted one by one. */
    private Optional<List<byte[]>> keysBetween(byte[] from, byte[] to) {
        List<byte[]> keys = new ArrayList<>();
        long bytes = 0;
        try (Engine.Cursor cursor = transaction.scan(from, to, false)) {
            while (cursor.next()) {
                byte[] key = cursor.key();
                keys.add(key);
                bytes += key.length;
                if (bytes > DELETE_SINGLY_BYTES_MAX) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(keys);
    }
}
