package io.kvasir.gateway.command.list;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.BlockingCommand;
import io.kvasir.gateway.command.Command;
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
 * {@code BLMOVE source destination LEFT | RIGHT LEFT | RIGHT timeout}: LMOVE that waits up to the timeout, in seconds,
 * while there is no source. {@code BRPOPLPUSH} is BLMOVE RIGHT LEFT.
 */
public record BlockingMove(LMove move, long millis) implements BlockingCommand {

    public static final CommandSpec BLMOVE = row("BLMOVE", 6, "6.2.0");
    public static final CommandSpec BRPOPLPUSH = row("BRPOPLPUSH", 4, "2.2.0");

    private static CommandSpec row(String name, int arity, String since) {
        return CommandSpec.of(name, arity, since)
                .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.BLOCKING)
                .categories(AclCategory.LIST)
                .key(KeySpec.Access.READ_WRITE)
                .keys(2, 2, 1, KeySpec.Access.READ_WRITE);
    }

    /** Returns the row of {@code spec}, one of those above. */
    public static Command row(CommandSpec spec) {
        return new Command.Data(spec, arguments -> parse(spec, arguments));
    }

    private static BlockingMove parse(CommandSpec spec, Arguments arguments) throws CommandError {
        byte[] source = arguments.nextKey();
        byte[] target = arguments.nextKey();
        boolean named = spec.name().equals(BLMOVE.name());
        ListEnd from = named ? ListEnd.parse(arguments) : ListEnd.RIGHT;
        ListEnd to = named ? ListEnd.parse(arguments) : ListEnd.LEFT;
        long millis = Timeout.seconds(arguments.next());
        return new BlockingMove(
                new LMove(spec, arguments.database(), arguments.thresholds(), source, target, from, to), millis);
    }

    @Override
    public CommandSpec spec() {
        return move.spec();
    }

    @Override
    public int database() {
        return move.database();
    }

    @Override
    public List<byte[]> userKeys() {
        return move.userKeys();
    }

    @Override
    public OptionalLong timeoutMillis() {
        return OptionalLong.of(millis);
    }

    @Override
    public List<byte[]> awaitedKeys() {
        return List.of(move.source());
    }

    @Override
    public Invocation servedBy(byte[] userKey) {
        return new Served(move, userKey, RootType.LIST);
    }

    @Override
    public String awaited() {
        return ListReply.AWAITED;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        return move.execute(transaction);
    }
}
