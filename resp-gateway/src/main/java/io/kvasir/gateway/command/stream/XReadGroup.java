package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.BlockingCommand;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.StreamConsumer;
import io.kvasir.gateway.type.StreamEntry;
import io.kvasir.gateway.type.StreamGroup;
import io.kvasir.gateway.type.StreamId;
import io.kvasir.gateway.type.StreamPending;
import io.kvasir.gateway.type.StreamValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Invocation;
import io.kvasir.region.Transaction;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * {@code XREADGROUP GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS key … id …}: of each stream
 * what the group has not yet delivered, if the id is >, else what is pending for the consumer behind an id; null if
 * there is none.
 */
public record XReadGroup(int database, boolean resp3, ReadWords words) implements DataCommand.OfKeys, BlockingCommand {

    public static final CommandSpec SPEC = CommandSpec.of("XREADGROUP", -7, "5.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.BLOCKING)
            .categories(AclCategory.STREAM)
            .keys(new KeySpec.After("STREAMS", 4, 2, KeySpec.Access.READ));

    private static final CommandError NO_LAST_ID = new CommandError(
            "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer"
                    + " by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an"
                    + " empty result set.");

    /** Bytes claimed for an entry that becomes pending, beside keys. */
    private static final int PENDING_BYTES = 64;

    public static XReadGroup parse(Arguments arguments) throws CommandError {
        return new XReadGroup(arguments.database(), arguments.resp3(), ReadWords.parse(arguments, "XREADGROUP"));
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public byte[][] keys() {
        return words.keys();
    }

    @Override
    public OptionalLong timeoutMillis() {
        return words.block();
    }

    @Override
    public List<byte[]> awaitedKeys() {
        return userKeys();
    }

    @Override
    public Invocation servedBy(byte[] userKey) {
        return new ServedGroup(new XReadGroup(database, resp3, words.of(userKey)), userKey);
    }

    @Override
    public String awaited() {
        return "group " + new String(words.group().orElseThrow().name(), StandardCharsets.ISO_8859_1);
    }

    /** A stream of the command and the group in it. */
    private record Source(StreamValue stream, StreamGroup group) {}

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database);
        byte[] group = words.group().orElseThrow().name();
        // A stream that is named twice is one.
        Map<ByteBuffer, Source> opened = new HashMap<>();
        List<StreamId> behind = new ArrayList<>();
        for (int i = 0; i < words.keys().length; i++) {
            byte[] key = words.keys()[i];
            if (!opened.containsKey(ByteBuffer.wrap(key))) {
                StreamValue stream = StreamValue.open(keyspace, key);
                String where = " in XREADGROUP with GROUP option";
                opened.put(ByteBuffer.wrap(key), new Source(stream, new GroupName(key, group).require(stream, where)));
            }
            behind.add(id(words.ids()[i]));
        }
        List<Reply> found = new ArrayList<>();
        for (int i = 0; i < behind.size(); i++) {
            Source source = opened.get(ByteBuffer.wrap(words.keys()[i]));
            if (source != null) {
                read(source, i, behind.get(i), transaction, found);
            }
        }
        for (Source source : opened.values()) {
            source.group().store();
            source.stream().store();
        }
        return ReadWords.reply(found, resp3);
    }

    /** Returns the id that {@code word} says, {@link StreamId#MAX} for what is new. */
    private static StreamId id(byte[] word) throws CommandError {
        if (IdText.is(word, '$')) {
            throw NO_LAST_ID;
        }
        return IdText.is(word, '>') ? StreamId.MAX : IdText.parse(word);
    }

    private void read(Source source, int index, StreamId behind, Transaction transaction, List<Reply> found)
            throws CommandError {
        StreamValue stream = source.stream();
        StreamGroup group = source.group();
        boolean history = !behind.equals(StreamId.MAX);
        boolean isNew = !history && stream.size() > 0 && stream.topId().isAfter(group.lastId());
        byte[] name = words.group().orElseThrow().consumer();
        StreamConsumer consumer = GroupName.seen(stream, group, name, transaction);
        if (history) {
            words.add(found, index, history(source, consumer, behind.next(), transaction), resp3);
        } else if (isNew) {
            words.add(found, index, deliver(source, consumer, transaction), resp3);
        }
    }

    private Reply deliver(Source source, StreamConsumer consumer, Transaction transaction) throws CommandError {
        StreamGroup group = source.group();
        List<StreamEntry> entries = new ArrayList<>();
        source.stream().range(group.lastId().next(), StreamId.MAX, false, entry -> {
            entries.add(entry);
            return words.count() == 0 || entries.size() < words.count();
        });
        Keyspace keyspace = source.stream().entry().keyspace();
        keyspace.claim(2L * entries.size(), PENDING_BYTES * 2L * entries.size());
        List<Reply> replies = new ArrayList<>(entries.size());
        for (StreamEntry entry : entries) {
            group.deliver(entry.id());
            replies.add(EntryReply.entry(entry));
            if (!words.noAcknowledgement()) {
                // It may be pending already, if the group was set back.
                group.putPending(group.findPending(entry.id()), delivered(entry.id(), consumer, transaction, 1));
                consumer.active(transaction.timeMillis());
            }
        }
        return Reply.array(replies);
    }

    private Reply history(Source source, StreamConsumer consumer, StreamId from, Transaction transaction) {
        StreamGroup group = source.group();
        long most = words.count() == 0 ? Long.MAX_VALUE : words.count();
        List<Reply> replies = new ArrayList<>();
        for (StreamId id : group.pendingOf(consumer, from, StreamId.MAX, most)) {
            StreamEntry entry = source.stream().find(id);
            StreamPending pending = group.findPending(id);
            if (entry == null || pending == null) {
                replies.add(Reply.array(List.of(EntryReply.id(id), Reply.NULL_ARRAY)));
            } else {
                replies.add(EntryReply.entry(entry));
                group.putPending(pending, delivered(id, consumer, transaction, pending.deliveries() + 1));
            }
        }
        return Reply.array(replies);
    }

    private static StreamPending delivered(
            StreamId id, StreamConsumer consumer, Transaction transaction, long deliveries) {
        return new StreamPending(id, consumer.number(), transaction.timeMillis(), deliveries);
    }
}
