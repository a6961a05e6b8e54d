package io.kvasir.gateway.command.list;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.ListValue;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.List;

/**
 * {@code LPOP | RPOP key [count]}: the element at the end, or up to as many as the count says; null if there is no
 * list.
 *
 * @param count -1 if one element is asked for by itself
 */
public record Pop(Form form, int database, Thresholds thresholds, byte[] key, long count) implements DataCommand.OfKey {

    /** The two commands. */
    public enum Form {
        LPOP(ListEnd.LEFT),
        RPOP(ListEnd.RIGHT);

        private final ListEnd end;
        private final CommandSpec spec;

        Form(ListEnd end) {
            this.end = end;
            spec = CommandSpec.of(name(), -2, "1.0.0")
                    .flags(CommandFlag.WRITE, CommandFlag.FAST)
                    .categories(AclCategory.LIST)
                    .key(KeySpec.Access.READ_WRITE);
        }

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(spec, this::parse);
        }

        private Pop parse(Arguments arguments) throws CommandError {
            byte[] key = arguments.nextKey();
            if (arguments.remaining() > 1) {
                throw CommandError.wrongArity(spec.replyName());
            }
            long count = arguments.hasNext() ? ListNumber.parse(arguments.next(), 0, CommandError.NOT_POSITIVE) : -1;
            return new Pop(this, arguments.database(), arguments.thresholds(), key, count);
        }
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        ListValue list = ListValue.open(Keyspace.of(transaction, database, thresholds), key);
        if (list.size() == 0) {
            return count < 0 ? Reply.NULL : Reply.NULL_ARRAY;
        }
        if (count == 0) {
            return Reply.EMPTY_ARRAY;
        }
        List<byte[]> elements = ListReply.pop(list, form.end, Math.abs(count));
        return count < 0 ? Reply.bulk(elements.getFirst()) : ListReply.reply(elements);
    }
}
