package io.kvasir.gateway.command.set;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.ElementDraw;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.SetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * {@code SRANDMEMBER key [count]}: a random member; with a count from 0 as many different ones, or all; with a negative
 * one exactly as many, some perhaps several times.
 *
 * @param count absent if one member is asked for by itself
 */
public record SRandMember(int database, byte[] key, OptionalLong count) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("SRANDMEMBER", -2, "1.0.0")
            .flags(CommandFlag.READONLY)
            .categories(AclCategory.SET)
            .key(KeySpec.Access.READ);

    public static SRandMember parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        if (!arguments.hasNext()) {
            return new SRandMember(arguments.database(), key, OptionalLong.empty());
        }
        if (arguments.remaining() > 1) {
            throw CommandError.SYNTAX;
        }
        long count = arguments.nextLong(-Long.MAX_VALUE, Long.MAX_VALUE, CommandError.NOT_NEGATABLE);
        ElementDraw.requireRepeatable(count);
        return new SRandMember(arguments.database(), key, OptionalLong.of(count));
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        SetValue set = SetValue.open(Keyspace.of(transaction, database), key);
        if (count.isEmpty()) {
            return set.size() == 0
                    ? Reply.NULL
                    : Reply.bulk(ElementDraw.of(set).one().name());
        }
        long wanted = count.getAsLong();
        if (set.size() == 0 || wanted == 0) {
            return Reply.EMPTY_ARRAY;
        }
        ElementDraw draw = ElementDraw.of(set);
        List<Reply> drawn = new ArrayList<>();
        for (ElementDraw.Element element : wanted > 0 ? draw.distinct(wanted) : draw.repeated(-wanted)) {
            drawn.add(Reply.bulk(element.name()));
        }
        return Reply.array(drawn);
    }
}
