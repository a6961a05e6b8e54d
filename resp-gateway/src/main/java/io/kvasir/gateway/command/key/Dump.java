package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.rdb.DumpPayload;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code DUMP key}: the value as RESTORE takes it, here and in Redis 7.0 and later; null if there is no key. */
public record Dump(int database, Thresholds thresholds, byte[] key) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("DUMP", 2, "2.6.0")
            .flags(CommandFlag.READONLY)
            .categories(AclCategory.KEYSPACE)
            .key(KeySpec.Access.READ);

    public static Dump parse(Arguments arguments) throws CommandError {
        return new Dump(arguments.database(), arguments.thresholds(), arguments.nextKey());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database);
        Entry entry = keyspace.open(key);
        if (!entry.exists()) {
            return Reply.NULL;
        }
        StoredValues.Read read = StoredValues.read(keyspace, entry, thresholds);
        return Reply.bulk(DumpPayload.encode(read.value(), read.packed()));
    }
}
