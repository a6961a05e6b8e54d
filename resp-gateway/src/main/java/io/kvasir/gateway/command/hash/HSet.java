package io.kvasir.gateway.command.hash;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.HashValue;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code HSET key field value …}: the number of new fields; {@code HMSET} does the same and answers OK. */
public record HSet(CommandSpec spec, int database, Thresholds thresholds, byte[] key, byte[][] fields, byte[][] values)
        implements DataCommand.OfKey {

    public static final CommandSpec HSET = CommandSpec.of("HSET", -4, "2.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.FAST)
            .categories(AclCategory.HASH)
            .key(KeySpec.Access.READ_WRITE);

    public static final CommandSpec HMSET = CommandSpec.of("HMSET", -4, "2.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.FAST)
            .categories(AclCategory.HASH)
            .key(KeySpec.Access.READ_WRITE);

    /** Returns the row of {@code spec}, one of those above. */
    public static Command row(CommandSpec spec) {
        return new Command.Data(spec, arguments -> parse(spec, arguments));
    }

    private static HSet parse(CommandSpec spec, Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        if (arguments.remaining() % 2 != 0) {
            throw CommandError.wrongArity(spec.replyName());
        }
        byte[][] fields = new byte[arguments.remaining() / 2][];
        byte[][] values = new byte[fields.length][];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = arguments.next();
            values[i] = arguments.next();
        }
        return new HSet(spec, arguments.database(), arguments.thresholds(), key, fields, values);
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        HashValue hash = HashValue.open(Keyspace.of(transaction, database, thresholds), key);
        hash.claim(fields, values);
        long added = 0;
        for (int i = 0; i < fields.length; i++) {
            if (hash.put(fields[i], values[i])) {
                added++;
            }
        }
        hash.store();
        hash.entry().event(KeyspaceEvent.HSET);
        return spec.name().equals(HSET.name()) ? Reply.of(added) : Reply.OK;
    }
}
