package io.kvasir.gateway.command.list;

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
 * {@code BLMPOP timeout numkeys key … LEFT | RIGHT [COUNT count]}: LMPOP that waits up to the timeout, in seconds,
 * while none of the lists is there.
 */
public record BlockingMPop(LMPop pop, long millis) implements BlockingCommand {

    public static final CommandSpec SPEC = CommandSpec.of("BLMPOP", -5, "7.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.BLOCKING)
            .categories(AclCategory.LIST)
            .keys(new KeySpec.Counted(2, 3, KeySpec.Access.READ_WRITE));

    public static BlockingMPop parse(Arguments arguments) throws CommandError {
        byte[] timeout = arguments.next();
        LMPop pop = LMPop.parse(arguments);
        return new BlockingMPop(pop, Timeout.seconds(timeout));
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
        byte[][] key = {userKey};
        LMPop one = new LMPop(pop.database(), pop.thresholds(), key, pop.end(), pop.count());
        return new Served(one, userKey, RootType.LIST);
    }

    @Override
    public String awaited() {
        return ListReply.AWAITED;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        return pop.execute(transaction);
    }
}
