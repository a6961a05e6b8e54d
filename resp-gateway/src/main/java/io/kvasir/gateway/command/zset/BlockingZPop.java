package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.BlockingCommand;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.Served;
import io.kvasir.gateway.command.Timeout;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.RootType;
import io.kvasir.gateway.type.ScoredMember;
import io.kvasir.gateway.type.SortedSetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Invocation;
import io.kvasir.region.Transaction;
import java.util.List;
import java.util.OptionalLong;

/**
 * {@code BZPOPMIN | BZPOPMAX key … timeout}: pops the member with the lowest or highest score from the first of the
 * sorted sets that is there, and answers key, member and score; waits up to the timeout, in seconds, while none is.
 */
public record BlockingZPop(Form form, int database, byte[][] keys, long millis)
        implements DataCommand.OfKeys, BlockingCommand {

    /** What the blocking commands on sorted sets wait for. */
    static final String AWAITED = "sorted set";

    /** The two commands. */
    public enum Form {
        BZPOPMIN(ZPop.Form.ZPOPMIN),
        BZPOPMAX(ZPop.Form.ZPOPMAX);

        private final ZPop.Form pop;
        private final CommandSpec spec = CommandSpec.of(name(), -3, "5.0.0")
                .flags(CommandFlag.WRITE, CommandFlag.FAST, CommandFlag.BLOCKING)
                .categories(AclCategory.SORTEDSET)
                .keys(1, -2, 1, KeySpec.Access.READ_WRITE);

        Form(ZPop.Form pop) {
            this.pop = pop;
        }

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(spec, this::parse);
        }

        private BlockingZPop parse(Arguments arguments) throws CommandError {
            long millis = Timeout.seconds(arguments.get(arguments.size() - 1));
            byte[][] keys = arguments.nextKeys(arguments.remaining() - 1);
            return new BlockingZPop(this, arguments.database(), keys, millis);
        }
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public OptionalLong timeoutMillis() {
        return OptionalLong.of(millis);
    }

    @Override
    public List<byte[]> awaitedKeys() {
        return userKeys();
    }

    @Override
    public Invocation servedBy(byte[] userKey) {
        BlockingZPop one = new BlockingZPop(form, database, new byte[][] {userKey}, millis);
        return new Served(one, userKey, RootType.ZSET);
    }

    @Override
    public String awaited() {
        return AWAITED;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database);
        for (byte[] key : keys) {
            SortedSetValue zset = SortedSetValue.open(keyspace, key);
            if (zset.size() > 0) {
                ScoredMember popped = form.pop.pop(zset, 1).getFirst();
                return Reply.array(
                        List.of(Reply.bulk(key), Reply.bulk(popped.member()), new Reply.Real(popped.score())));
            }
        }
        return Reply.NULL_ARRAY;
    }
}
