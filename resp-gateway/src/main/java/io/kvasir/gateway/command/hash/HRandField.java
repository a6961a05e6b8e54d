package io.kvasir.gateway.command.hash;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.ElementDraw;
import io.kvasir.gateway.type.HashValue;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * {@code HRANDFIELD key [count [WITHVALUES]]}: a random field; with a count from 0 as many different ones, or all; with
 * a negative one exactly as many, some perhaps several times.
 *
 * @param count absent if one field is asked for by itself
 * @param nested whether a field and its value make an array of their own, as RESP3 has them
 */
public record HRandField(int database, byte[] key, OptionalLong count, boolean withValues, boolean nested)
        implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("HRANDFIELD", -2, "6.2.0")
            .flags(CommandFlag.READONLY)
            .categories(AclCategory.HASH)
            .key(KeySpec.Access.READ);

    public static HRandField parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        if (!arguments.hasNext()) {
            return new HRandField(arguments.database(), key, OptionalLong.empty(), false, false);
        }
        long count = arguments.nextLong(-Long.MAX_VALUE, Long.MAX_VALUE, CommandError.NOT_NEGATABLE);
        boolean withValues = arguments.accept("WITHVALUES");
        arguments.end();
        if (withValues && (count < -Long.MAX_VALUE / 2 || count > Long.MAX_VALUE / 2)) {
            throw CommandError.OUT_OF_RANGE;
        }
        ElementDraw.requireRepeatable(count);
        return new HRandField(arguments.database(), key, OptionalLong.of(count), withValues, arguments.resp3());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        HashValue hash = HashValue.open(Keyspace.of(transaction, database), key);

        if (count.isEmpty()) {
            return hash.size() == 0
                    ? Reply.NULL
                    : Reply.bulk(ElementDraw.of(hash).one().name());
        }
        long wanted = count.getAsLong();
        if (hash.size() == 0 || wanted == 0) {
            return Reply.EMPTY_ARRAY;
        }
        ElementDraw draw = ElementDraw.of(hash);
        return reply(wanted > 0 ? draw.distinct(wanted) : draw.repeated(-wanted));
    }

    private Reply reply(List<ElementDraw.Element> fields) {
        List<Reply> elements = new ArrayList<>();
        for (ElementDraw.Element field : fields) {
            if (withValues && nested) {
                elements.add(Reply.array(List.of(Reply.bulk(field.name()), Reply.bulk(field.value()))));
            } else {
                elements.add(Reply.bulk(field.name()));
                if (withValues) {
                    elements.add(Reply.bulk(field.value()));
                }
            }
        }
        return Reply.array(elements);
    }
}
