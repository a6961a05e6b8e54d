package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.BlockingCommand;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.Served;
import io.kvasir.gateway.command.Timeout;
import io.kvasir.gateway.type.RootType;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Invocation;
import io.kvasir.region.Transaction;
import java.util.List;
import java.util.OptionalLong;

/**
 * {@code BZMPOP timeout numkeys key … MIN | MAX [COUNT count]}: ZMPOP that waits up to the timeout, in seconds, while
 * none of the sorted sets is there.
 */
public record BlockingZMPop(ZMPop pop, long millis) implements BlockingCommand {

    public static final CommandSpec SPEC = CommandSpec.of("BZMPOP", -5, "7.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.BLOCKING)
            .categories(AclCategory.SORTEDSET)
            .keys(new KeySpec.Counted(2, 3, KeySpec.Access.READ_WRITE));

    public static BlockingZMPop parse(Arguments arguments) throws CommandError {
        byte[] timeout = arguments.next();
        ZMPop pop = ZMPop.parse(arguments);
        return new BlockingZMPop(pop, Timeout.seconds(timeout));
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public int database() {
        return pop.database();
    }

    @Override
    public List<byte[]> userKeys() {
        return pop.userKeys();
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
        ZMPop one = new ZMPop(pop.database(), new byte[][] {userKey}, pop.form(), pop.count());
        return new Served(one, userKey, RootType.ZSET);
    }

    @Override
    public String awaited() {
        return BlockingZPop.AWAITED;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        return pop.execute(transaction);
    }
}
