package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.StreamConsumer;
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
 * {@code XPENDING key group [[IDLE milliseconds] start end count [consumer]]}: how many entries are pending for whom,
 * or which.
 *
 * @param range empty for the numbers
 */
public record XPending(int database, byte[] key, byte[] group, Optional<Range> range) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("XPENDING", -3, "5.0.0")
            .flags(CommandFlag.READONLY)
            .categories(AclCategory.STREAM)
            .key(KeySpec.Access.READ);

    private static final int WORDS_MIN = 5;
    private static final int WORDS_MAX = 8;

    /** Ids of one consumer that are looked at in one piece, because IDLE may pass over most of them. */
    private static final int PAGE = 256;

    /**
     * Which entries are asked for.
     *
     * @param idleMillis least time since the last delivery
     * @param count most of them
     * @param consumer empty for all
     */
    record Range(long idleMillis, StreamId start, StreamId end, long count, Optional<byte[]> consumer) {}

    public static XPending parse(Arguments arguments) throws CommandError {
        int size = arguments.size();
        byte[] key = arguments.nextKey();
        byte[] group = arguments.next();
        if (size == 2) {
            return new XPending(arguments.database(), key, group, Optional.empty());
        }
        if (size < WORDS_MIN || size > WORDS_MAX) {
            throw CommandError.SYNTAX;
        }
        long idleMillis = 0;
        if (arguments.accept("IDLE")) {
            idleMillis = arguments.nextLong();
            if (size < WORDS_MIN + 2) {
                throw CommandError.SYNTAX;
            }
        }
        byte[] start = arguments.next();
        byte[] end = arguments.next();
        long count = Math.max(0, arguments.nextLong());
        StreamId from = IdText.parseStart(start);
        StreamId to = IdText.parseEnd(end);
        Optional<byte[]> consumer = arguments.hasNext() ? Optional.of(arguments.next()) : Optional.empty();
        Range range = new Range(idleMillis, from, to, count, consumer);
        return new XPending(arguments.database(), key, group, Optional.of(range));
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        StreamValue stream = StreamValue.open(Keyspace.of(transaction, database), key);
        StreamGroup found = new GroupName(key, group).require(stream, "");
        return range.isPresent() ? entries(found, range.get(), transaction) : numbers(found);
    }

    private static Reply numbers(StreamGroup group) {
        if (group.pending() == 0) {
            return Reply.array(List.of(Reply.ZERO, Reply.NULL, Reply.NULL, Reply.NULL_ARRAY));
        }
        List<Reply> numbers = new ArrayList<>();
        numbers.add(Reply.of(group.pending()));
        for (boolean last : new boolean[] {false, true}) {
            group.pendingBetween(StreamId.ZERO, StreamId.MAX, last, entry -> {
                numbers.add(EntryReply.id(entry.id()));
                return false;
            });
        }
        List<Reply> consumers = new ArrayList<>();
        for (StreamConsumer consumer : group.consumers()) {
            if (consumer.pending() > 0) {
                consumers.add(Reply.array(
                        List.of(Reply.bulk(consumer.name()), Reply.bulk(Long.toString(consumer.pending())))));
            }
        }
        numbers.add(Reply.array(consumers));
        return Reply.array(numbers);
    }

    private static Reply entries(StreamGroup group, Range range, Transaction transaction) {
        List<Reply> entries = new ArrayList<>();
        if (range.count() == 0) {
            return Reply.EMPTY_ARRAY;
        }
        StreamGroup.Visitor visitor = entry -> {
            if (range.idleMillis() == 0 || transaction.timeMillis() - entry.deliveredMillis() >= range.idleMillis()) {
                entries.add(entry(group, entry, transaction));
            }
            return entries.size() < range.count();
        };
        if (range.consumer().isEmpty()) {
            group.pendingBetween(range.start(), range.end(), false, visitor);
        } else {
            StreamConsumer consumer = group.consumer(range.consumer().get());
            if (consumer != null) {
                visitOf(group, consumer, range, visitor);
            }
        }
        return Reply.array(entries);
    }

    private static void visitOf(StreamGroup group, StreamConsumer consumer, Range range, StreamGroup.Visitor visitor) {
        StreamId from = range.start();
        while (true) {
            List<StreamId> page = group.pendingOf(consumer, from, range.end(), PAGE);
            for (StreamId id : page) {
                StreamPending entry = group.findPending(id);
                if (entry != null && !visitor.visit(entry)) {
                    return;
                }
            }
            if (page.size() < PAGE || page.getLast().equals(StreamId.MAX)) {
                return;
            }
            from = page.getLast().next();
        }
    }

    private static Reply entry(StreamGroup group, StreamPending entry, Transaction transaction) {
        return Reply.array(List.of(
                EntryReply.id(entry.id()),
                Reply.bulk(group.consumer(entry.consumer()).name()),
                Reply.of(Math.max(0, transaction.timeMillis() - entry.deliveredMillis())),
                Reply.of(entry.deliveries())));
    }
}
