package io.kvasir.gateway.command.set;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.SetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code SREM key member …}: the number of members removed. */
public record SRem(int database, byte[] key, byte[][] members) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("SREM", -3, "1.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.FAST)
            .categories(AclCategory.SET)
            .key(KeySpec.Access.READ_WRITE);

    public static SRem parse(Arguments arguments) throws CommandError {
        return new SRem(arguments.database(), arguments.nextKey(), arguments.rest());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        SetValue set = SetValue.open(Keyspace.of(transaction, database), key);
        set.claimRemoval(members);
        long removed = 0;
        for (byte[] member : members) {
            if (set.size() > 0 && set.remove(member)) {
                removed++;
            }
        }
        if (removed > 0) {
            set.store();
            set.entry().event(KeyspaceEvent.SREM);
            if (set.size() == 0) {
                set.entry().event(KeyspaceEvent.DEL);
            }
        }
        return Reply.of(removed);
    }
}
