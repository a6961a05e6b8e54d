package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.StreamTrim;
import io.kvasir.gateway.type.StreamValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code XTRIM key MAXLEN|MINID [=|~] threshold [LIMIT count]}: removes the oldest entries; answers how many. */
public record XTrim(int database, byte[] key, StreamTrim trim) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("XTRIM", -4, "5.0.0")
            .flags(CommandFlag.WRITE)
            .categories(AclCategory.STREAM)
            .key(KeySpec.Access.READ_WRITE);

    public static XTrim parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        StreamTrim trim = AddWords.parse(arguments, false).trim().orElseThrow();
        return new XTrim(arguments.database(), key, trim);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        StreamValue stream = StreamValue.open(Keyspace.of(transaction, database), key);
        long trimmed = stream.trim(trim);
        if (trimmed > 0) {
            stream.store();
            stream.entry().event(KeyspaceEvent.XTRIM);
        }
        return Reply.of(trimmed);
    }
}
