package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.Root;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;

/**
 * {@code MEMORY USAGE key [SAMPLES count]}: bytes of the key's records as they are stored, keys and versions included,
 * before compression; null if there is no key. Of a hash, set or sorted set with many elements {@code count} records
 * are looked at and the rest taken to be like them.
 *
 * @param samples records looked at; 0 for all
 */
public record MemoryUsage(int database, byte[] key, long samples) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("MEMORY USAGE", -3, "4.0.0")
            .flags(CommandFlag.READONLY)
            .keys(2, 2, 1, KeySpec.Access.READ);

    private static final long SAMPLES = 5;

    public static MemoryUsage parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        long samples = SAMPLES;
        while (arguments.hasNext()) {
            if (!arguments.accept("SAMPLES") || !arguments.hasNext()) {
                throw CommandError.SYNTAX;
            }
            samples = arguments.nextLong();
            if (samples < 0) {
                throw CommandError.SYNTAX;
            }
        }
        return new MemoryUsage(arguments.database(), key, samples);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) {
        Entry entry = Keyspace.of(transaction, database).open(key);
        if (!entry.exists()) {
            return Reply.NULL;
        }
        Root root = entry.root();
        long bytes = entry.rootKey().length + Version.BYTES + (long) root.encode().length;
        return Reply.of(root.isInline() ? bytes : bytes + elements(transaction, entry, root));
    }

    private long elements(Transaction transaction, Entry entry, Root root) {
        long wanted = samples == 0 || !isOneRecordEach(root) ? Long.MAX_VALUE : samples;
        byte[] from = KeyLayout.elementPrefix(entry.stem(), KeyLayout.KIND_ELEMENT, root.generation());
        long records = 0;
        long bytes = 0;
        try (Engine.Cursor cursor = transaction.scan(from, KeyLayout.after(from), false)) {
            while (records < wanted && cursor.next()) {
                records++;
                bytes += cursor.key().length + Version.BYTES + (long) cursor.value().length;
            }
        }
        boolean sampled = records == wanted && root.count() > records;
        return sampled ? Math.round((double) bytes / records * root.count()) : bytes;
    }

    /** Returns whether the number of elements tells the number of records; of strings and lists it does not. */
    private static boolean isOneRecordEach(Root root) {
        return switch (root.type()) {
            case HASH, SET, ZSET -> true;
            case STRING, LIST, STREAM -> false;
        };
    }
}
