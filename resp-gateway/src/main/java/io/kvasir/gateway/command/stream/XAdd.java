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
import io.kvasir.gateway.type.StreamEntry;
import io.kvasir.gateway.type.StreamId;
import io.kvasir.gateway.type.StreamTrim;
import io.kvasir.gateway.type.StreamValue;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.Optional;

/**
 * {@code XADD key [NOMKSTREAM] [MAXLEN|MINID [=|~] threshold [LIMIT count]] *|id field value …}: adds an entry and
 * answers its id; null if there is no stream and none is to be made. The time in an id is the operation's.
 *
 * @param id empty for one made from the time
 * @param pairs fields and values in turn
 */
public record XAdd(
        int database,
        Thresholds thresholds,
        byte[] key,
        boolean makeStream,
        Optional<StreamTrim> trim,
        Optional<IdText.Given> id,
        byte[][] pairs)
        implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("XADD", -5, "5.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.FAST)
            .categories(AclCategory.STREAM)
            .key(KeySpec.Access.READ_WRITE);

    private static final CommandError ZERO_ID =
            new CommandError("ERR The ID specified in XADD must be greater than 0-0");
    private static final CommandError EXHAUSTED =
            new CommandError("ERR The stream has exhausted the last possible ID, unable to add more items");
    private static final CommandError NOT_AFTER =
            new CommandError("ERR The ID specified in XADD is equal or smaller than the target stream top item");

    public static XAdd parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        AddWords words = AddWords.parse(arguments, true);
        byte[][] pairs = arguments.rest();
        if (pairs.length < 2 || pairs.length % 2 != 0) {
            throw CommandError.wrongArity(SPEC.replyName());
        }
        if (words.id().isPresent()
                && words.id().get().complete()
                && words.id().get().id().isZero()) {
            throw ZERO_ID;
        }
        return new XAdd(
                arguments.database(), arguments.thresholds(), key, words.makeStream(), words.trim(), words.id(), pairs);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        StreamValue stream = StreamValue.open(Keyspace.of(transaction, database, thresholds), key);
        if (!stream.exists() && !makeStream) {
            return Reply.NULL;
        }
        if (stream.lastId().equals(StreamId.MAX)) {
            throw EXHAUSTED;
        }
        StreamEntry entry = new StreamEntry(next(stream.lastId(), transaction), pairs);
        stream.claim(entry.bytes());
        stream.append(entry);
        long trimmed = trim.isPresent() ? stream.trim(trim.get()) : 0;
        stream.store();
        stream.entry().event(KeyspaceEvent.XADD);
        if (trimmed > 0) {
            stream.entry().event(KeyspaceEvent.XTRIM);
        }
        return EntryReply.id(entry.id());
    }

    private StreamId next(StreamId last, Transaction transaction) throws CommandError {
        if (id.isEmpty()) {
            long now = transaction.timeMillis();
            return Long.compareUnsigned(now, last.millis()) > 0 ? new StreamId(now, 0) : last.next();
        }
        StreamId given = id.get().id();
        if (!id.get().complete() && given.millis() == last.millis()) {
            if (last.sequence() == -1) {
                throw NOT_AFTER;
            }
            return new StreamId(given.millis(), last.sequence() + 1);
        }
        if (!given.isAfter(last)) {
            throw NOT_AFTER;
        }
        return given;
    }
}
