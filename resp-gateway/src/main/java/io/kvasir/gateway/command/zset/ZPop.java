package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.ScoredMember;
import io.kvasir.gateway.type.SortedSetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.List;
import java.util.OptionalLong;

/**
 * {@code ZPOPMIN} and {@code ZPOPMAX key [count]}: removes the members with the lowest or highest scores.
 *
 * @param count absent if one member is asked for by itself
 * @param nested whether a member and its score make an array of their own, as RESP3 has them if there is a count
 */
public record ZPop(Form form, int database, byte[] key, OptionalLong count, boolean nested)
        implements DataCommand.OfKey {

    /** The two commands. */
    public enum Form {
        ZPOPMIN(KeyspaceEvent.ZPOPMIN),
        ZPOPMAX(KeyspaceEvent.ZPOPMAX);

        private final KeyspaceEvent event;
        private final CommandSpec spec = CommandSpec.of(name(), -2, "5.0.0")
                .flags(CommandFlag.WRITE, CommandFlag.FAST)
                .categories(AclCategory.SORTEDSET)
                .key(KeySpec.Access.READ_WRITE);

        Form(KeyspaceEvent event) {
            this.event = event;
        }

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(spec, this::parse);
        }

        private ZPop parse(Arguments arguments) throws CommandError {
            byte[] key = arguments.nextKey();
            if (arguments.remaining() > 1) {
                throw CommandError.SYNTAX;
            }
            OptionalLong count =
                    arguments.hasNext() ? OptionalLong.of(parseCount(arguments.next())) : OptionalLong.empty();
            return new ZPop(this, arguments.database(), key, count, arguments.resp3() && count.isPresent());
        }

        private static long parseCount(byte[] text) throws CommandError {
            if (!NumberText.isLong(text) || NumberText.toLong(text) < 0) {
                throw CommandError.NOT_POSITIVE;
            }
            return NumberText.toLong(text);
        }

        /** Removes and returns up to {@code count} members of {@code zset}, which has some. */
        List<ScoredMember> pop(SortedSetValue zset, long count) throws CommandError {
            long size = zset.size();
            long length = Math.min(count, size);
            List<ScoredMember> members = zset.slice(0, length, this == ZPOPMAX);
            zset.removeRange(this == ZPOPMAX ? size - length : 0, length);
            zset.store();
            zset.entry().event(event);
            if (zset.size() == 0) {
                zset.entry().event(KeyspaceEvent.DEL);
            }
            return members;
        }
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        SortedSetValue zset = SortedSetValue.open(Keyspace.of(transaction, database), key);
        long wanted = count.orElse(1);
        if (zset.size() == 0 || wanted == 0) {
            return Reply.EMPTY_ARRAY;
        }
        return ScoredReply.pairs(form.pop(zset, wanted), nested);
    }
}
