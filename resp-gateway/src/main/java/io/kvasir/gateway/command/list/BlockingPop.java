package io.kvasir.gateway.command.list;

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
import io.kvasir.gateway.type.ListValue;
import io.kvasir.gateway.type.RootType;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Invocation;
import io.kvasir.region.Transaction;
import java.util.List;
import java.util.OptionalLong;

/**
 * {@code BLPOP | BRPOP key … timeout}: the key and an element at the end of the first of the lists that is there; waits
 * up to the timeout, in seconds, while none is.
 */
public record BlockingPop(Form form, int database, Thresholds thresholds, byte[][] keys, long millis)
        implements DataCommand.OfKeys, BlockingCommand {

    /** The two commands. */
    public enum Form {
        BLPOP(ListEnd.LEFT),
        BRPOP(ListEnd.RIGHT);

        private final ListEnd end;
        private final CommandSpec spec;

        Form(ListEnd end) {
            this.end = end;
            spec = CommandSpec.of(name(), -3, "2.0.0")
                    .flags(CommandFlag.WRITE, CommandFlag.BLOCKING)
                    .categories(AclCategory.LIST)
                    .keys(1, -2, 1, KeySpec.Access.READ_WRITE);
        }

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(spec, this::parse);
        }

        private BlockingPop parse(Arguments arguments) throws CommandError {
            long millis = Timeout.seconds(arguments.get(arguments.size() - 1));
            byte[][] keys = arguments.nextKeys(arguments.remaining() - 1);
            return new BlockingPop(this, arguments.database(), arguments.thresholds(), keys, millis);
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
        BlockingPop one = new BlockingPop(form, database, thresholds, new byte[][] {userKey}, millis);
        return new Served(one, userKey, RootType.LIST);
    }

    @Override
    public String awaited() {
        return ListReply.AWAITED;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database, thresholds);
        for (byte[] key : keys) {
            ListValue list = ListValue.open(keyspace, key);
            if (list.size() > 0) {
                byte[] element = ListReply.pop(list, form.end, 1).getFirst();
                return Reply.array(List.of(Reply.bulk(key), Reply.bulk(element)));
            }
        }
        return Reply.NULL_ARRAY;
    }
}
