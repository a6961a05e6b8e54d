package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.StreamId;
import io.kvasir.gateway.type.StreamValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/**
 * {@code XSETID key last-id [ENTRIESADDED count] [MAXDELETEDID id]}: sets the last id, and what else is remembered of
 * entries that are gone.
 *
 * @param added -1 if it is not given
 * @param maxDeletedId {@link StreamId#ZERO} if it is not given
 */
public record XSetId(int database, byte[] key, StreamId lastId, long added, StreamId maxDeletedId)
        implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("XSETID", -3, "5.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.FAST)
            .categories(AclCategory.STREAM)
            .key(KeySpec.Access.READ_WRITE);

    private static final CommandError NEGATIVE = new CommandError("ERR entries_added must be positive");
    private static final CommandError BELOW_GIVEN =
            new CommandError("ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
    private static final CommandError BELOW_DELETED =
            new CommandError("ERR The ID specified in XSETID is smaller than current max_deleted_entry_id");
    private static final CommandError BELOW_TOP =
            new CommandError("ERR The ID specified in XSETID is smaller than the target stream top item");
    private static final CommandError BELOW_LENGTH =
            new CommandError("ERR The entries_added specified in XSETID is smaller than the target stream length");

    public static XSetId parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        StreamId id = IdText.parse(arguments.next());
        long added = -1;
        StreamId maxDeletedId = StreamId.ZERO;
        while (arguments.hasNext()) {
            if (arguments.remaining() > 1 && arguments.accept("ENTRIESADDED")) {
                added = arguments.nextLong();
                if (added < 0) {
                    throw NEGATIVE;
                }
            } else if (arguments.remaining() > 1 && arguments.accept("MAXDELETEDID")) {
                maxDeletedId = IdText.parse(arguments.next());
                if (id.isBefore(maxDeletedId)) {
                    throw BELOW_GIVEN;
                }
            } else {
                throw CommandError.SYNTAX;
            }
        }
        return new XSetId(arguments.database(), key, id, added, maxDeletedId);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        StreamValue stream = StreamValue.open(Keyspace.of(transaction, database), key);
        if (!stream.exists()) {
            throw CommandError.NO_SUCH_KEY;
        }
        if (lastId.isBefore(stream.maxDeletedId())) {
            throw BELOW_DELETED;
        }
        if (stream.size() > 0) {
            if (lastId.isBefore(stream.topId())) {
                throw BELOW_TOP;
            }
            if (added >= 0 && added < stream.size()) {
                throw BELOW_LENGTH;
            }
        }
        stream.set(
                lastId,
                added >= 0 ? added : stream.added(),
                maxDeletedId.isZero() ? stream.maxDeletedId() : maxDeletedId);
        stream.store();
        stream.entry().event(KeyspaceEvent.XSETID);
        return Reply.OK;
    }
}
