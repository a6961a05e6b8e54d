package io.kvasir.gateway.type;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;
import java.util.Arrays;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The elements of one large collection, a record each, whose sub-key after the generation is
 *
 * <pre>
 *   hash of the name (4, big-endian) | name
 * </pre>
 *
 * The hash in front makes the cursor of a scan exact and stateless, as that of SCAN is: it is the hash at which to go
 * on, and a page ends between different hashes only. It also lets a random element be found by a random hash.
 *
 * <p>Confined to the thread that runs the command.
 */
final class HashedRecords {

    /** Number of different hashes: cursors of {@link #scanPage} are below it. */
    static final long HASHES = 1L << Integer.SIZE;

    private static final int HASH_BYTES = 4;

    private final Transaction transaction;
    private final byte[] prefix;
    private final ToIntFunction<byte[]> hash;

    /**
     * Makes the elements under {@code stem} of {@code generation}.
     *
     * @param hash what stands in front of a name; part of the stored format
     */
    HashedRecords(Transaction transaction, byte[] stem, Version generation, ToIntFunction<byte[]> hash) {
        this.transaction = transaction;
        this.prefix = KeyLayout.elementPrefix(stem, KeyLayout.KIND_ELEMENT, generation);
        this.hash = hash;
    }

    /** Gets names and payloads; both are fresh arrays. */
    @FunctionalInterface
    interface Visitor {

        /** Takes one element; returns whether to go on. */
        boolean visit(byte[] name, byte[] payload);
    }

    /** Returns the bytes that the key of an element under {@code stem} takes beside its name. */
    static int keyBytes(byte[] stem) {
        return stem.length + 1 + Version.BYTES + HASH_BYTES;
    }

    byte @Nullable [] get(byte[] name) {
        return transaction.get(key(name));
    }

    /** Puts an element; returns whether it is new. */
    boolean put(byte[] name, byte[] payload) {
        byte[] key = key(name);
        boolean added = transaction.get(key) == null;
        transaction.put(key, payload);
        return added;
    }

    /** Adds an element known to be absent. */
    void add(byte[] name, byte[] payload) {
        transaction.put(key(name), payload);
    }

    /** Removes an element; returns whether it was there. */
    boolean remove(byte[] name) {
        byte[] key = key(name);
        if (transaction.get(key) == null) {
            return false;
        }
        transaction.delete(key);
        return true;
    }

    /** Visits all elements in the order of their hashes, until the visitor has enough. */
    void forEach(Visitor visitor) {
        scan(0, HASHES, visitor);
    }

    /**
     * Visits the elements whose hash is at least {@code fromHash} until the visitor has enough; goes on until the hash
     * changes, so that no element is left behind.
     *
     * @return the hash at which to go on, 0 at the end
     */
    long scanPage(long fromHash, Visitor visitor) {
        if (fromHash < 0 || fromHash >= HASHES) {
            return 0;
        }
        long[] stop = {0};
        boolean[] enough = {false};
        long[] last = {-1};
        scan(fromHash, HASHES, (name, payload) -> {
            long at = Integer.toUnsignedLong(hash.applyAsInt(name));
            if (enough[0] && at != last[0]) {
                stop[0] = at;
                return false;
            }
            last[0] = at;
            enough[0] |= !visitor.visit(name, payload);
            return true;
        });
        return stop[0];
    }

    /**
     * Visits the elements from {@code fromHash} inclusive to {@code toHash} exclusive, in the order of their hashes,
     * until the visitor has enough.
     */
    void scan(long fromHash, long toHash, Visitor visitor) {
        byte[] from = withHash((int) fromHash, new byte[0]);
        byte[] to = toHash == HASHES ? KeyLayout.after(prefix) : withHash((int) toHash, new byte[0]);
        try (Engine.Cursor cursor = transaction.scan(from, to, false)) {
            while (cursor.next()) {
                byte[] key = cursor.key();
                byte[] name = Arrays.copyOfRange(key, prefix.length + HASH_BYTES, key.length);
                if (!visitor.visit(name, cursor.value())) {
                    return;
                }
            }
        }
    }

    private byte[] key(byte[] name) {
        return withHash(hash.applyAsInt(name), name);
    }

    private byte[] withHash(int hash, byte[] name) {
        byte[] key = Arrays.copyOf(prefix, prefix.length + HASH_BYTES + name.length);
        key[prefix.length] = (byte) (hash >>> 24);
        key[prefix.length + 1] = (byte) (hash >>> 16);
        key[prefix.length + 2] = (byte) (hash >>> 8);
        key[prefix.length + 3] = (byte) hash;
        System.arraycopy(name, 0, key, prefix.length + HASH_BYTES, name.length);
        return key;
    }
}
