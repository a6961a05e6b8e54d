package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.BlockingCommand;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.Served;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.RootType;
import io.kvasir.gateway.type.StreamId;
import io.kvasir.gateway.type.StreamValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Awaiting;
import io.kvasir.region.Invocation;
import io.kvasir.region.Transaction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * {@code XREAD [COUNT count] [BLOCK milliseconds] STREAMS key … id …}: the entries of each stream behind an id, of
 * which $ is the last one; null if there is none. What $ stands for is decided when the command first runs: one that
 * may wait says so in place of null.
 */
public record XRead(int database, boolean resp3, ReadWords words) implements DataCommand.OfKeys, BlockingCommand {

    public static final CommandSpec SPEC = CommandSpec.of("XREAD", -4, "5.0.0")
            .flags(CommandFlag.READONLY, CommandFlag.BLOCKING)
            .categories(AclCategory.STREAM)
            .keys(new KeySpec.After("STREAMS", 1, 2, KeySpec.Access.READ));

    private static final CommandError ONLY_GROUPS = new CommandError(
            "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.");

    public static XRead parse(Arguments arguments) throws CommandError {
        return new XRead(arguments.database(), arguments.resp3(), ReadWords.parse(arguments, "XREAD"));
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
        XRead one = new XRead(database, resp3, words.of(userKey));
        return new Served(one, userKey, RootType.STREAM);
    }

    /** Readers take nothing from each other, and each has its own id. */
    @Override
    public String awaited() {
        return "";
    }

    @Override
    public Awaiting settled(byte[][] arguments) {
        int streams = words.keys().length;
        byte[][] ids = Arrays.copyOfRange(arguments, arguments.length - streams, arguments.length);
        return new XRead(database, resp3, words.with(ids));
    }

    private Reply nothing(List<StreamId> behind) {
        boolean settled = Arrays.stream(words.ids()).noneMatch(id -> IdText.is(id, '$'));
        if (settled || words.block().isEmpty()) {
            return Reply.NULL_ARRAY;
        }
        byte[][] ids = behind.stream()
                .map(id -> id.toString().getBytes(StandardCharsets.US_ASCII))
                .toArray(byte[][]::new);
        return new Reply.Push(
                words.with(ids).arguments().stream().map(Reply::bulk).toList());
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database);
        List<StreamValue> streams = new ArrayList<>();
        List<StreamId> behind = new ArrayList<>();
        for (int i = 0; i < words.keys().length; i++) {
            StreamValue stream = StreamValue.open(keyspace, words.keys()[i]);
            streams.add(stream);
            behind.add(id(words.ids()[i], stream));
        }
        List<Reply> found = new ArrayList<>();
        for (int i = 0; i < streams.size(); i++) {
            StreamValue stream = streams.get(i);
            if (stream.size() > 0 && stream.topId().isAfter(behind.get(i))) {
                StreamId from = behind.get(i).next();
                Reply entries = EntryReply.range(stream, from, StreamId.MAX, false, words.count());
                words.add(found, i, entries, resp3);
            }
        }
        return found.isEmpty() ? nothing(behind) : ReadWords.reply(found, resp3);
    }

    private static StreamId id(byte[] word, StreamValue stream) throws CommandError {
        if (IdText.is(word, '$')) {
            return stream.lastId();
        }
        if (IdText.is(word, '>')) {
            throw ONLY_GROUPS;
        }
        return IdText.parse(word);
    }
}
