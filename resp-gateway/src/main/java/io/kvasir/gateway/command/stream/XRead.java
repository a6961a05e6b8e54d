package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
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
import java.util.ArrayList;
import java.util.List;

/**
 * {@code XREAD [COUNT count] [BLOCK milliseconds] STREAMS key … id …}: the entries of each stream behind an id, of
 * which $ is the last one; null if there is none.
 */
public record XRead(int database, boolean resp3, ReadWords words) implements DataCommand.OfKeys {

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
        return words.reply(found, resp3);
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
