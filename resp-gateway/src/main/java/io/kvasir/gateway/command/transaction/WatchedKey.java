package io.kvasir.gateway.command.transaction;

import io.kvasir.gateway.type.Root;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.wire.WireReader;
import io.kvasir.proto.wire.WireWriter;
import io.kvasir.region.Transaction;

/**
 * A key as WATCH found it: which instance its database was, and which version stood there. Versions are remembered, not
 * values, so that a value that comes back is a change (redis multi.c; rules K17, K19). Immutable.
 *
 * @param instance the instance that {@code database} was mapped to
 * @param version version of the key, {@link Version#NONE} if it did not exist or had expired
 * @param asOf where among all versions WATCH stood: what is newer was written after it
 */
public record WatchedKey(int database, byte[] userKey, int instance, Version version, Version asOf) {

    /** Reads {@code userKey} at {@code transaction}'s place in the order. */
    static WatchedKey watch(Transaction transaction, int database, byte[] userKey) {
        int instance = transaction.instance(database);
        byte[] rootKey = KeyLayout.root(instance, userKey);
        Version version = isAlive(transaction, rootKey) ? transaction.version(rootKey) : Version.NONE;
        return new WatchedKey(database, userKey, instance, version, transaction.generation());
    }

    /** Returns whether the key was created, written, removed, flushed or expired since WATCH. */
    boolean hasChanged(Transaction transaction) {
        int now = transaction.instance(database);
        if (!version.equals(Version.NONE)) {
            byte[] rootKey = KeyLayout.root(instance, userKey);
            return now != instance || !transaction.version(rootKey).equals(version) || !isAlive(transaction, rootKey);
        }
        return hasAppeared(transaction, now) || now != instance && hasAppeared(transaction, instance);
    }

    /** Returns whether a record was written since WATCH, whether it is there still or not. */
    private boolean hasAppeared(Transaction transaction, int inInstance) {
        byte[] rootKey = KeyLayout.root(inInstance, userKey);
        Version stored = transaction.version(rootKey);
        return stored.compareTo(asOf) > 0
                || inInstance != instance && isAlive(transaction, rootKey)
                || transaction.removedUpTo(rootKey).compareTo(asOf) > 0;
    }

    private static boolean isAlive(Transaction transaction, byte[] rootKey) {
        byte[] record = transaction.get(rootKey);
        if (record == null) {
            return false;
        }
        long expiryMillis = Root.decode(record).expiryMillis();
        return expiryMillis == 0 || !transaction.isExpired(expiryMillis);
    }

    void write(WireWriter out) {
        byte[] stamps = new byte[2 * Version.BYTES];
        version.write(stamps, 0);
        asOf.write(stamps, Version.BYTES);
        out.varint(database).bytes(userKey).i32(instance).raw(stamps);
    }

    static WatchedKey read(WireReader in) {
        int database = in.varint("database", 0, Integer.MAX_VALUE);
        byte[] userKey = in.bytes();
        int instance = in.i32();
        byte[] stamps = in.raw(2 * Version.BYTES);
        return new WatchedKey(
                database, userKey, instance, Version.read(stamps, 0), Version.read(stamps, Version.BYTES));
    }

    byte[] encode() {
        WireWriter out = new WireWriter(64 + userKey.length);
        write(out);
        return out.toBytes();
    }

    /** Returns the key that {@link WatchKey} answered as {@code bytes}. */
    public static WatchedKey decode(byte[] bytes) {
        WireReader in = new WireReader(bytes);
        WatchedKey key = read(in);
        in.end();
        return key;
    }
}
