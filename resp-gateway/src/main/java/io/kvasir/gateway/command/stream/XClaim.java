package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.StreamConsumer;
import io.kvasir.gateway.type.StreamEntry;
import io.kvasir.gateway.type.StreamGroup;
import io.kvasir.gateway.type.StreamId;
import io.kvasir.gateway.type.StreamPending;
import io.kvasir.gateway.type.StreamValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code XCLAIM key group consumer min-idle-time id … [IDLE milliseconds] [TIME milliseconds] [RETRYCOUNT count]
 * [FORCE] [JUSTID] [LASTID id]}: makes pending entries those of another consumer and answers them.
 *
 * @param words from the idle time on; as in Redis they are read once there is a group
 */
public record XClaim(int database, byte[] key, byte[] group, byte[] consumer, byte[][] words)
        implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("XCLAIM", -6, "5.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.FAST)
            .categories(AclCategory.STREAM)
            .key(KeySpec.Access.READ_WRITE);

    public static XClaim parse(Arguments arguments) throws CommandError {
        return new XClaim(
                arguments.database(), arguments.nextKey(), arguments.next(), arguments.next(), arguments.rest());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    /** What is asked for; the time is -1 and the count below 0 where they are not given. */
    private static final class Request {

        long idleMillis;
        final List<StreamId> ids = new ArrayList<>();
        long deliveredMillis = -1;
        long deliveries = -1;
        boolean force;
        boolean onlyIds;
        StreamId lastId = StreamId.ZERO;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        StreamValue stream = StreamValue.open(Keyspace.of(transaction, database), key);
        StreamGroup found = new GroupName(key, group).require(stream, "");
        long now = transaction.timeMillis();
        Request request = read(now);
        stream.entry().keyspace().claim(4L * request.ids.size(), 4L * key.length * request.ids.size());
        if (request.lastId.isAfter(found.lastId())) {
            found.set(request.lastId, found.entriesRead());
        }
        if (request.deliveredMillis < 0 || request.deliveredMillis > now) {
            request.deliveredMillis = now;
        }
        StreamConsumer claimant = GroupName.seen(stream, found, consumer, transaction);
        List<Reply> replies = new ArrayList<>();
        for (StreamId id : request.ids) {
            StreamPending pending = found.findPending(id);
            StreamEntry entry = stream.find(id);
            if (entry == null) {
                if (pending != null) {
                    found.removePending(pending);
                }
                continue;
            }
            boolean isIdle = pending == null
                    ? request.force
                    : request.idleMillis == 0 || now - pending.deliveredMillis() >= request.idleMillis;
            if (isIdle) {
                // A new one counts as delivered once before it is claimed.
                long before = pending == null ? 1 : pending.deliveries();
                long deliveries = request.deliveries >= 0 ? request.deliveries : request.onlyIds ? before : before + 1;
                found.putPending(
                        pending, new StreamPending(id, claimant.number(), request.deliveredMillis, deliveries));
                claimant.active(now);
                replies.add(request.onlyIds ? EntryReply.id(id) : EntryReply.entry(entry));
            }
        }
        found.store();
        stream.store();
        return Reply.array(replies);
    }

    private Request read(long now) throws CommandError {
        Request request = new Request();
        request.idleMillis = Math.max(0, number(words[0], "min-idle-time argument"));
        int at = 1;
        while (at < words.length && isId(words[at])) {
            request.ids.add(IdText.parse(words[at++]));
        }
        Arguments options = Arguments.of(words, at, database, false);
        while (options.hasNext()) {
            boolean followed = options.remaining() > 1;
            if (options.accept("FORCE")) {
                request.force = true;
            } else if (options.accept("JUSTID")) {
                request.onlyIds = true;
            } else if (followed && options.accept("IDLE")) {
                request.deliveredMillis = now - number(options.next(), "IDLE option argument");
            } else if (followed && options.accept("TIME")) {
                request.deliveredMillis = number(options.next(), "TIME option argument");
            } else if (followed && options.accept("RETRYCOUNT")) {
                request.deliveries = number(options.next(), "RETRYCOUNT option argument");
            } else if (followed && options.accept("LASTID")) {
                request.lastId = IdText.parse(options.next());
            } else {
                throw new CommandError("ERR Unrecognized XCLAIM option '"
                        + CommandError.quote(options.next(), Integer.MAX_VALUE) + "'");
            }
        }
        return request;
    }

    private static boolean isId(byte[] word) {
        try {
            IdText.parse(word);
            return true;
        } catch (CommandError noId) {
            return false;
        }
    }

    private static long number(byte[] word, String what) throws CommandError {
        if (!NumberText.isLong(word)) {
            throw new CommandError("ERR Invalid " + what + " for XCLAIM");
        }
        return NumberText.toLong(word);
    }
}
