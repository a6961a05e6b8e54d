package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.ScoredMember;
import io.kvasir.gateway.type.SortedSetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.List;

/** {@code ZRANGESTORE destination source min max …}: the number of members that ZRANGE would answer, now stored. */
public record ZRangeStore(int database, byte[] destination, byte[] source, RangeQuery query) implements DataCommand {

    public static final CommandSpec SPEC = CommandSpec.of("ZRANGESTORE", -5, "6.2.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM)
            .categories(AclCategory.SORTEDSET)
            .key(KeySpec.Access.WRITE)
            .keys(2, 2, 1, KeySpec.Access.READ);

    public static ZRangeStore parse(Arguments arguments) throws CommandError {
        byte[] destination = arguments.nextKey();
        byte[] source = arguments.nextKey();
        RangeQuery query = RangeQuery.parse(arguments, RangeQuery.By.ANY, RangeQuery.Direction.ANY, false);
        return new ZRangeStore(arguments.database(), destination, source, query);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public List<byte[]> userKeys() {
        return List.of(destination, source);
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database);
        return store(keyspace, destination, query.of(SortedSetValue.open(keyspace, source)), KeyspaceEvent.ZRANGESTORE);
    }

    /** Makes {@code members} the value of {@code destination}, which goes if there are none; returns their number. */
    public static Reply store(Keyspace keyspace, byte[] destination, List<ScoredMember> members, KeyspaceEvent event)
            throws CommandError {
        Entry entry = keyspace.open(destination);
        boolean existed = entry.exists();
        SortedSetValue.replace(entry, members);
        if (!members.isEmpty()) {
            entry.event(event);
        } else if (existed) {
            entry.event(KeyspaceEvent.DEL);
        }
        return Reply.of(members.size());
    }
}
