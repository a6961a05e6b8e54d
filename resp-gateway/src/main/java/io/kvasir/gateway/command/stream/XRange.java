package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.StreamId;
import io.kvasir.gateway.type.StreamValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/**
 * {@code XRANGE key start end [COUNT count]} and {@code XREVRANGE key end start [COUNT count]}: the entries between two
 * ids.
 *
 * @param count most of them, -1 for all
 */
public record XRange(Form form, int database, byte[] key, StreamId start, StreamId end, long count)
        implements DataCommand.OfKey {

    /** The two commands. */
    public enum Form {
        XRANGE,
        XREVRANGE;

        private final CommandSpec spec = CommandSpec.of(name(), -4, "5.0.0")
                .flags(CommandFlag.READONLY)
                .categories(AclCategory.STREAM)
                .key(KeySpec.Access.READ);

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(spec, arguments -> parse(this, arguments));
        }
    }

    private static XRange parse(Form form, Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        byte[] first = arguments.next();
        byte[] second = arguments.next();
        StreamId start = IdText.parseStart(form == Form.XRANGE ? first : second);
        StreamId end = IdText.parseEnd(form == Form.XRANGE ? second : first);
        long count = -1;
        while (arguments.hasNext()) {
            if (arguments.remaining() < 2 || !arguments.accept("COUNT")) {
                throw CommandError.SYNTAX;
            }
            count = Math.max(0, arguments.nextLong());
        }
        return new XRange(form, arguments.database(), key, start, end, count);
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        StreamValue stream = StreamValue.open(Keyspace.of(transaction, database), key);
        if (!stream.exists()) {
            return Reply.EMPTY_ARRAY;
        }
        return count == 0
                ? Reply.NULL_ARRAY
                : EntryReply.range(stream, start, end, form == Form.XREVRANGE, Math.max(0, count));
    }
}
