package io.kvasir.gateway.command.set;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.SetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;

/** {@code SMISMEMBER key member …}: for each word 1 if it is a member. */
public record SMIsMember(int database, byte[] key, byte[][] members) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("SMISMEMBER", -3, "6.2.0")
            .flags(CommandFlag.READONLY, CommandFlag.FAST)
            .categories(AclCategory.SET)
            .key(KeySpec.Access.READ);

    public static SMIsMember parse(Arguments arguments) throws CommandError {
        return new SMIsMember(arguments.database(), arguments.nextKey(), arguments.rest());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        SetValue set = SetValue.open(Keyspace.of(transaction, database), key);
        List<Reply> answers = new ArrayList<>(members.length);
        for (byte[] member : members) {
            answers.add(set.contains(member) ? Reply.ONE : Reply.ZERO);
        }
        return Reply.array(answers);
    }
}
