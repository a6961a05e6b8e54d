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
import java.util.Optional;

/**
 * {@code XAUTOCLAIM key group consumer min-idle-time start [COUNT count] [JUSTID]}: makes entries that are pending for
 * long those of another consumer. Answers the id at which to go on, the entries, and the ids of those that were removed
 * from the stream meanwhile and are pending no more.
 *
 * @param count most entries, of either kind; ten times as many are looked at
 */
public record XAutoClaim(
        int database,
        byte[] key,
        byte[] group,
        byte[] consumer,
        long idleMillis,
        StreamId start,
        long count,
        boolean onlyIds)
        implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("XAUTOCLAIM", -6, "6.2.0")
            .flags(CommandFlag.WRITE, CommandFlag.FAST)
            .categories(AclCategory.STREAM)
            .key(KeySpec.Access.READ_WRITE);

    private static final long COUNT_DEFAULT = 100;
    private static final long COUNT_MAX = Long.MAX_VALUE / StreamId.BYTES;
    private static final long ATTEMPTS_EACH = 10;

    /** Pending entries that are read in one piece. */
    private static final int PAGE = 128;

    private static final CommandError BAD_IDLE = new CommandError("ERR Invalid min-idle-time argument for XAUTOCLAIM");
    private static final CommandError BAD_COUNT = new CommandError("ERR COUNT must be > 0");

    public static XAutoClaim parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        byte[] group = arguments.next();
        byte[] consumer = arguments.next();
        byte[] idle = arguments.next();
        if (!NumberText.isLong(idle)) {
            throw BAD_IDLE;
        }
        StreamId start = IdText.parseStart(arguments.next());
        long count = COUNT_DEFAULT;
        boolean onlyIds = false;
        while (arguments.hasNext()) {
            if (arguments.remaining() > 1 && arguments.accept("COUNT")) {
                byte[] word = arguments.next();
                count = NumberText.isLong(word) ? NumberText.toLong(word) : 0;
                if (count < 1 || count > COUNT_MAX) {
                    throw BAD_COUNT;
                }
            } else if (arguments.accept("JUSTID")) {
                onlyIds = true;
            } else {
                throw CommandError.SYNTAX;
            }
        }
        long idleMillis = Math.max(0, NumberText.toLong(idle));
        return new XAutoClaim(arguments.database(), key, group, consumer, idleMillis, start, count, onlyIds);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        StreamValue stream = StreamValue.open(Keyspace.of(transaction, database), key);
        StreamGroup found = new GroupName(key, group).require(stream, "");
        StreamConsumer claimant = GroupName.seen(stream, found, consumer, transaction);
        Run run = new Run(stream, found, claimant, transaction.timeMillis());
        StreamId next = run.claim();
        found.store();
        stream.store();
        return Reply.array(List.of(EntryReply.id(next), Reply.array(run.claimed), Reply.array(run.gone)));
    }

    /** One run over the pending entries. */
    private final class Run {

        private final StreamValue stream;
        private final StreamGroup group;
        private final StreamConsumer claimant;
        private final long now;
        private final List<Reply> claimed = new ArrayList<>();
        private final List<Reply> gone = new ArrayList<>();

        Run(StreamValue stream, StreamGroup group, StreamConsumer claimant, long now) {
            this.stream = stream;
            this.group = group;
            this.claimant = claimant;
            this.now = now;
        }

        /** Returns the id of the entry at which to go on, {@link StreamId#ZERO} if there is none. */
        StreamId claim() {
            long attempts = count > Long.MAX_VALUE / ATTEMPTS_EACH ? Long.MAX_VALUE : count * ATTEMPTS_EACH;
            Optional<StreamId> from = Optional.of(start);
            while (from.isPresent()) {
                List<StreamPending> page = page(from.get());
                for (StreamPending pending : page) {
                    if (attempts-- == 0 || claimed.size() + gone.size() == count) {
                        return pending.id();
                    }
                    take(pending);
                }
                StreamId last = page.isEmpty() ? StreamId.MAX : page.getLast().id();
                from = page.size() < PAGE || last.equals(StreamId.MAX) ? Optional.empty() : Optional.of(last.next());
            }
            return StreamId.ZERO;
        }

        private List<StreamPending> page(StreamId from) {
            List<StreamPending> page = new ArrayList<>();
            group.pendingBetween(from, StreamId.MAX, false, pending -> {
                page.add(pending);
                return page.size() < PAGE;
            });
            return page;
        }

        private void take(StreamPending pending) {
            StreamId id = pending.id();
            StreamEntry entry = stream.find(id);
            if (entry == null) {
                group.removePending(pending);
                gone.add(EntryReply.id(id));
            } else if (idleMillis == 0 || now - pending.deliveredMillis() >= idleMillis) {
                long deliveries = onlyIds ? pending.deliveries() : pending.deliveries() + 1;
                group.putPending(pending, new StreamPending(id, claimant.number(), now, deliveries));
                claimant.active(now);
                claimed.add(onlyIds ? EntryReply.id(id) : EntryReply.entry(entry));
            }
        }
    }
}
