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
import java.util.Arrays;
import java.util.List;

/** {@code SMOVE source destination member}: moves a member; 1 if the source had it. */
public record SMove(int database, Thresholds thresholds, byte[] source, byte[] destination, byte[] member)
        implements DataCommand {

    public static final CommandSpec SPEC = CommandSpec.of("SMOVE", 4, "1.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.FAST)
            .categories(AclCategory.SET)
            .key(KeySpec.Access.READ_WRITE)
            .keys(2, 2, 1, KeySpec.Access.WRITE);

    public static SMove parse(Arguments arguments) throws CommandError {
        return new SMove(
                arguments.database(),
                arguments.thresholds(),
                arguments.nextKey(),
                arguments.nextKey(),
                arguments.next());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public List<byte[]> userKeys() {
        return List.of(source, destination);
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database, thresholds);
        if (!keyspace.open(source).exists()) {
            return Reply.ZERO;
        }
        SetValue from = SetValue.open(keyspace, source);
        SetValue to = SetValue.open(keyspace, destination);
        if (!from.contains(member)) {
            return Reply.ZERO;
        }
        if (Arrays.equals(source, destination)) {
            return Reply.ONE;
        }
        from.claim(member);
        to.claim(member);
        from.remove(member);
        from.store();
        from.entry().event(KeyspaceEvent.SREM);
        if (from.size() == 0) {
            from.entry().event(KeyspaceEvent.DEL);
        }
        if (to.size() == 0) {
            to.expect(member, 1);
        }
        if (to.add(member)) {
            to.store();
            to.entry().event(KeyspaceEvent.SADD);
        }
        return Reply.ONE;
    }
}
