package io.kvasir.gateway.command.list;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.ListValue;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.Arrays;
import java.util.List;

/**
 * {@code LMOVE source destination LEFT | RIGHT LEFT | RIGHT}: moves an element from an end of one list to an end of
 * another, or of the same, and answers it; null if there is no source. {@code RPOPLPUSH} is LMOVE RIGHT LEFT.
 */
public record LMove(
        CommandSpec spec, int database, Thresholds thresholds, byte[] source, byte[] target, ListEnd from, ListEnd to)
        implements DataCommand {

    public static final CommandSpec LMOVE = row("LMOVE", 5, "6.2.0");
    public static final CommandSpec RPOPLPUSH = row("RPOPLPUSH", 3, "1.2.0");

    private static CommandSpec row(String name, int arity, String since) {
        return CommandSpec.of(name, arity, since)
                .flags(CommandFlag.WRITE, CommandFlag.DENYOOM)
                .categories(AclCategory.LIST)
                .key(KeySpec.Access.READ_WRITE)
                .keys(2, 2, 1, KeySpec.Access.READ_WRITE);
    }

    /** Returns the row of {@code spec}, one of those above. */
    public static Command row(CommandSpec spec) {
        return new Command.Data(spec, arguments -> parse(spec, arguments));
    }

    private static LMove parse(CommandSpec spec, Arguments arguments) throws CommandError {
        byte[] source = arguments.nextKey();
        byte[] target = arguments.nextKey();
        boolean named = spec.name().equals(LMOVE.name());
        ListEnd from = named ? ListEnd.parse(arguments) : ListEnd.RIGHT;
        ListEnd to = named ? ListEnd.parse(arguments) : ListEnd.LEFT;
        return new LMove(spec, arguments.database(), arguments.thresholds(), source, target, from, to);
    }

    @Override
    public List<byte[]> userKeys() {
        return List.of(source, target);
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database, thresholds);
        ListValue taken = ListValue.open(keyspace, source);
        if (taken.size() == 0) {
            return Reply.NULL;
        }
        boolean rotation = Arrays.equals(source, target);
        ListValue given = rotation ? taken : ListValue.open(keyspace, target);
        byte[] element = taken.pop(from.isLeft(), 1).getFirst();
        given.push(to.isLeft(), element);
        given.claim();
        if (!rotation) {
            taken.claim();
            taken.store();
        }
        given.store();
        given.entry().event(to.pushed());
        ListReply.report(taken, from.popped());
        return Reply.bulk(element);
    }
}
