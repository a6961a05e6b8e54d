package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.SortedSetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code ZCOUNT} and {@code ZLEXCOUNT key min max}: the number of members with such scores, or such names. */
public record ZCount(Form form, int database, byte[] key, Interval interval) implements DataCommand.OfKey {

    /** The two commands. */
    public enum Form {
        ZCOUNT("2.0.0"),
        ZLEXCOUNT("2.8.9");

        private final CommandSpec spec;

        Form(String since) {
            spec = CommandSpec.of(name(), 4, since)
                    .flags(CommandFlag.READONLY, CommandFlag.FAST)
                    .categories(AclCategory.SORTEDSET)
                    .key(KeySpec.Access.READ);
        }

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(spec, this::parse);
        }

        private ZCount parse(Arguments arguments) throws CommandError {
            byte[] key = arguments.nextKey();
            byte[] min = arguments.next();
            byte[] max = arguments.next();
            Interval interval = this == ZCOUNT ? Interval.ByScore.parse(min, max) : Interval.ByMember.parse(min, max);
            return new ZCount(this, arguments.database(), key, interval);
        }
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        SortedSetValue zset = SortedSetValue.open(Keyspace.of(transaction, database), key);
        return Reply.of(Math.max(0, interval.ranks(zset).length()));
    }
}
