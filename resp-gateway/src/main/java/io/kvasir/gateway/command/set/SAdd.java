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
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code SADD key member …}: the number of new members. */
public record SAdd(int database, Thresholds thresholds, byte[] key, byte[][] members) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("SADD", -3, "1.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.FAST)
            .categories(AclCategory.SET)
            .key(KeySpec.Access.READ_WRITE);

    public static SAdd parse(Arguments arguments) throws CommandError {
        return new SAdd(arguments.database(), arguments.thresholds(), arguments.nextKey(), arguments.rest());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        SetValue set = SetValue.open(Keyspace.of(transaction, database, thresholds), key);
        set.claim(members);
        set.expect(members[0], members.length);
        long added = 0;
        for (byte[] member : members) {
            if (set.add(member)) {
                added++;
            }
        }
        set.storeIfChanged(added > 0);
        if (added > 0) {
            set.entry().event(KeyspaceEvent.SADD);
        }
        return Reply.of(added);
    }
}
