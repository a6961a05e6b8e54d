package io.kvasir.gateway.type;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Copies a value of any type to another user key, record by record: nothing in a sub-record's payload names its key or
 * its generation, so only keys change. Stateless.
 */
public final class KeyCopy {

    private record Record(byte[] key, byte[] payload) {}

    private KeyCopy() {}

    /**
     * Replaces {@code target}, whatever it held, by the value and expiry of {@code source}, which exists and is another
     * key.
     *
     * @throws CommandError "ERR value too large…" if the records do not fit one command; nothing is written then
     */
    public static void copy(Entry source, Entry target) throws CommandError {
        Root root = source.root();
        Keyspace keyspace = target.keyspace();
        boolean replaced = target.exists();
        keyspace.claim(1, target.rootKey().length + root.payload().length);
        if (root.isInline()) {
            target.dropElements();
            target.put(root);
        } else {
            Version generation = keyspace.newGeneration();
            List<Record> records = records(source, root, target, generation);
            target.dropElements();
            for (Record copied : records) {
                keyspace.transaction().put(copied.key(), copied.payload());
            }
            target.put(new Root(root.type(), root.expiryMillis(), generation, root.count(), root.payload()));
        }
        if (replaced) {
            // Redis deletes the old value, which it does not report, and adds the new one, which it does.
            target.event(KeyspaceEvent.NEW);
        }
    }

    private static List<Record> records(Entry source, Root root, Entry target, Version generation) throws CommandError {
        Transaction transaction = source.keyspace().transaction();
        byte[] sourceStem = source.stem();
        byte[] targetStem = target.stem();
        List<Record> records = new ArrayList<>();
        for (byte kind : root.type().kinds()) {
            byte[] from = KeyLayout.elementPrefix(sourceStem, kind, root.generation());
            try (Engine.Cursor cursor = transaction.scan(from, KeyLayout.after(from), false)) {
                while (cursor.next()) {
                    byte[] key = cursor.key();
                    byte[] suffix = Arrays.copyOfRange(key, from.length, key.length);
                    Record copied = new Record(KeyLayout.element(targetStem, kind, generation, suffix), cursor.value());
                    target.keyspace().claim(1, copied.key().length + copied.payload().length);
                    records.add(copied);
                }
            }
        }
        return records;
    }
}
