package io.kvasir.gateway.command.set;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.command.key.ScanCursor;
import io.kvasir.gateway.command.key.ScanFilter;
import io.kvasir.gateway.glob.Glob;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.SetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code SSCAN key cursor [MATCH pattern] [COUNT number]}: some members, and the cursor at which to go on, 0 at the
 * end. The cursor is the hash of the member to go on at; a small set comes whole, whatever the cursor. A member that is
 * there from the first page to the last is returned at least once.
 *
 * @param options those given, or the error they are; it is answered only if the key exists, as in Redis
 */
public record SScan(int database, byte[] key, long cursor, ScanFilter.Parsed options) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("SSCAN", -3, "2.8.0")
            .flags(CommandFlag.READONLY)
            .categories(AclCategory.SET)
            .key(KeySpec.Access.READ);

    private static final Reply NOTHING = Reply.array(List.of(Reply.bulk("0"), Reply.EMPTY_ARRAY));

    public static SScan parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        long cursor = ScanCursor.parse(arguments.next());
        return new SScan(arguments.database(), key, cursor, ScanFilter.parseLater(arguments));
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        SetValue set = SetValue.open(Keyspace.of(transaction, database), key);
        if (set.size() == 0) {
            return NOTHING;
        }
        ScanFilter wanted = options.require();
        Glob pattern = wanted.glob();
        List<Reply> found = new ArrayList<>();
        long[] examined = {0};
        long next = set.scanPage(cursor, member -> {
            if (pattern.matches(member)) {
                found.add(Reply.bulk(member));
            }
            return ++examined[0] < wanted.count();
        });
        return Reply.array(List.of(Reply.bulk(NumberText.bytes(next)), Reply.array(found)));
    }
}
