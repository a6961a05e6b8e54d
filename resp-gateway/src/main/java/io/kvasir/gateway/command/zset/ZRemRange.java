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
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.SortedSetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code ZREMRANGEBYRANK}, {@code ZREMRANGEBYSCORE} and {@code ZREMRANGEBYLEX key min max}: how many it removed. */
public record ZRemRange(Form form, int database, byte[] key, Interval interval) implements DataCommand.OfKey {

    /** The three commands. */
    public enum Form {
        ZREMRANGEBYRANK("2.0.0", KeyspaceEvent.ZREMRANGEBYRANK),
        ZREMRANGEBYSCORE("1.2.0", KeyspaceEvent.ZREMRANGEBYSCORE),
        ZREMRANGEBYLEX("2.8.9", KeyspaceEvent.ZREMRANGEBYLEX);

        private final CommandSpec spec;
        private final KeyspaceEvent event;

        Form(String since, KeyspaceEvent event) {
            this.event = event;
            spec = CommandSpec.of(name(), 4, since)
                    .flags(CommandFlag.WRITE)
                    .categories(AclCategory.SORTEDSET)
                    .key(KeySpec.Access.READ_WRITE);
        }

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(spec, this::parse);
        }

        private ZRemRange parse(Arguments arguments) throws CommandError {
            byte[] key = arguments.nextKey();
            byte[] min = arguments.next();
            byte[] max = arguments.next();
            Interval interval =
                    switch (this) {
                        case ZREMRANGEBYRANK -> Interval.ByRank.parse(min, max);
                        case ZREMRANGEBYSCORE -> Interval.ByScore.parse(min, max);
                        case ZREMRANGEBYLEX -> Interval.ByMember.parse(min, max);
                    };
            return new ZRemRange(this, arguments.database(), key, interval);
        }
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        SortedSetValue zset = SortedSetValue.open(Keyspace.of(transaction, database), key);
        Interval.Ranks ranks = interval.ranks(zset);
        if (ranks.length() <= 0) {
            return Reply.ZERO;
        }
        zset.removeRange(ranks.from(), ranks.length());
        zset.store();
        zset.entry().event(form.event);
        if (zset.size() == 0) {
            zset.entry().event(KeyspaceEvent.DEL);
        }
        return Reply.of(ranks.length());
    }
}
