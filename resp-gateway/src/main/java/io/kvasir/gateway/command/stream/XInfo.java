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
import io.kvasir.gateway.type.StreamConsumer;
import io.kvasir.gateway.type.StreamGroup;
import io.kvasir.gateway.type.StreamId;
import io.kvasir.gateway.type.StreamPending;
import io.kvasir.gateway.type.StreamValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * {@code XINFO STREAM key [FULL [COUNT count]]}, {@code XINFO GROUPS key} and {@code XINFO CONSUMERS key group}.
 *
 * @param words what stands behind the key; as in Redis it is read once there is a stream
 */
public record XInfo(Form form, int database, byte[] key, byte[][] words) implements DataCommand.OfKey {

    /** The row of all of them together. */
    public static final CommandSpec CONTAINER = CommandSpec.of("XINFO", -2, "5.0.0");

    private static final long COUNT_DEFAULT = 10;

    /** The commands. */
    public enum Form {
        STREAM(-3),
        GROUPS(3),
        CONSUMERS(4);

        private final CommandSpec spec;

        Form(int arity) {
            spec = CommandSpec.of("XINFO " + name(), arity, "5.0.0")
                    .flags(CommandFlag.READONLY)
                    .categories(AclCategory.STREAM)
                    .keys(2, 2, 1, KeySpec.Access.READ);
        }

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(
                    spec, arguments -> new XInfo(this, arguments.database(), arguments.nextKey(), arguments.rest()));
        }
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        StreamValue stream = StreamValue.open(Keyspace.of(transaction, database), key);
        if (!stream.exists()) {
            throw CommandError.NO_SUCH_KEY;
        }
        return switch (form) {
            case STREAM -> words.length == 0 ? brief(stream) : full(stream, count());
            case GROUPS -> groups(stream);
            case CONSUMERS -> consumers(new GroupName(key, words[0]).requireIn(stream), transaction.timeMillis());
        };
    }

    private long count() throws CommandError {
        Arguments options = Arguments.of(words, 0, database, false);
        if (words.length != 1 && words.length != 3
                || !options.accept("FULL")
                || options.hasNext() && !options.accept("COUNT")) {
            throw StreamHelp.misused("XINFO", "STREAM");
        }
        long count = options.hasNext() ? options.nextLong() : COUNT_DEFAULT;
        return count < 0 ? COUNT_DEFAULT : count;
    }

    /** A map under construction. */
    private static final class Facts {

        private final List<Reply> words = new ArrayList<>();

        Facts add(String name, Reply value) {
            words.add(Reply.bulk(name));
            words.add(value);
            return this;
        }

        Facts add(String name, long value) {
            return add(name, Reply.of(value));
        }

        Facts add(String name, StreamId value) {
            return add(name, EntryReply.id(value));
        }

        Reply reply() {
            return new Reply.MapOf(words);
        }
    }

    private static Facts head(StreamValue stream) {
        return new Facts()
                .add("length", stream.size())
                .add("radix-tree-keys", stream.nodes())
                // A tree of one key has a root and a leaf; how many more there are depends on the bytes of ids.
                .add("radix-tree-nodes", stream.nodes() + 1)
                .add("last-generated-id", stream.lastId())
                .add("max-deleted-entry-id", stream.maxDeletedId())
                .add("entries-added", stream.added())
                .add("recorded-first-entry-id", stream.firstId());
    }

    private static Reply brief(StreamValue stream) {
        return head(stream)
                .add("groups", stream.groups())
                .add("first-entry", edge(stream, false))
                .add("last-entry", edge(stream, true))
                .reply();
    }

    private static Reply edge(StreamValue stream, boolean last) {
        Reply[] found = {Reply.NULL};
        stream.range(StreamId.ZERO, StreamId.MAX, last, entry -> {
            found[0] = EntryReply.entry(entry);
            return false;
        });
        return found[0];
    }

    private static Reply groups(StreamValue stream) {
        List<Reply> groups = new ArrayList<>();
        for (StreamGroup group : StreamGroup.all(stream)) {
            groups.add(new Facts()
                    .add("name", Reply.bulk(group.name()))
                    .add("consumers", group.consumerCount())
                    .add("pending", group.pending())
                    .add("last-delivered-id", group.lastId())
                    .add("entries-read", known(group.entriesRead()))
                    .add("lag", lag(group))
                    .reply());
        }
        return Reply.array(groups);
    }

    private static Reply lag(StreamGroup group) {
        OptionalLong lag = group.lag();
        return lag.isPresent() ? Reply.of(lag.getAsLong()) : Reply.NULL;
    }

    private static Reply known(long number) {
        return number == StreamGroup.UNKNOWN ? Reply.NULL : Reply.of(number);
    }

    private static Reply consumers(StreamGroup group, long now) {
        List<Reply> consumers = new ArrayList<>();
        for (StreamConsumer consumer : group.consumers()) {
            long active = consumer.activeMillis();
            consumers.add(new Facts()
                    .add("name", Reply.bulk(consumer.name()))
                    .add("pending", consumer.pending())
                    .add("idle", Math.max(0, now - consumer.seenMillis()))
                    .add("inactive", active < 0 ? -1 : now - active)
                    .reply());
        }
        return Reply.array(consumers);
    }

    private static Reply full(StreamValue stream, long count) {
        List<Reply> groups = new ArrayList<>();
        for (StreamGroup group : StreamGroup.all(stream)) {
            List<Reply> consumers = new ArrayList<>();
            for (StreamConsumer consumer : group.consumers()) {
                consumers.add(full(group, consumer, count));
            }
            groups.add(new Facts()
                    .add("name", Reply.bulk(group.name()))
                    .add("last-delivered-id", group.lastId())
                    .add("entries-read", known(group.entriesRead()))
                    .add("lag", lag(group))
                    .add("pel-count", group.pending())
                    .add("pending", pending(group, count))
                    .add("consumers", Reply.array(consumers))
                    .reply());
        }
        return head(stream)
                .add("entries", EntryReply.range(stream, StreamId.ZERO, StreamId.MAX, false, count))
                .add("groups", Reply.array(groups))
                .reply();
    }

    private static Reply pending(StreamGroup group, long count) {
        List<Reply> entries = new ArrayList<>();
        group.pendingBetween(StreamId.ZERO, StreamId.MAX, false, entry -> {
            entries.add(Reply.array(List.of(
                    EntryReply.id(entry.id()),
                    Reply.bulk(group.consumer(entry.consumer()).name()),
                    Reply.of(entry.deliveredMillis()),
                    Reply.of(entry.deliveries()))));
            return count == 0 || entries.size() < count;
        });
        return Reply.array(entries);
    }

    private static Reply full(StreamGroup group, StreamConsumer consumer, long count) {
        List<Reply> entries = new ArrayList<>();
        for (StreamId id :
                group.pendingOf(consumer, StreamId.ZERO, StreamId.MAX, count == 0 ? Long.MAX_VALUE : count)) {
            StreamPending entry = group.findPending(id);
            if (entry != null) {
                entries.add(Reply.array(
                        List.of(EntryReply.id(id), Reply.of(entry.deliveredMillis()), Reply.of(entry.deliveries()))));
            }
        }
        return new Facts()
                .add("name", Reply.bulk(consumer.name()))
                .add("seen-time", consumer.seenMillis())
                .add("active-time", consumer.activeMillis())
                .add("pel-count", consumer.pending())
                .add("pending", Reply.array(entries))
                .reply();
    }
}
