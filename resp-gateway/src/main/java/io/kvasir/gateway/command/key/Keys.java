package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.RangeCommand;
import io.kvasir.gateway.command.Ranges;
import io.kvasir.gateway.type.KeyPosition;
import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code KEYS pattern}: all keys that match. Read page by page: keys that come or go meanwhile may be in it or not. */
public record Keys(int database, byte[] pattern) implements RangeCommand {

    public static final CommandSpec SPEC = CommandSpec.of("KEYS", 2, "1.0.0")
            .flags(CommandFlag.READONLY)
            .categories(AclCategory.KEYSPACE, AclCategory.DANGEROUS);

    /** Returns the row. */
    public static Command row() {
        return new Command.RangeByRange(
                SPEC, arguments -> new Keys(arguments.database(), arguments.next()), KeyPage.procedure(SPEC));
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply run(Ranges ranges) throws CommandError {
        List<Reply> keys = new ArrayList<>();
        KeyPages pages = new KeyPages(ranges, SPEC, database, KeyPosition.START, pattern, Optional.empty());
        while (!pages.position().isEnd()) {
            pages.next(KeyPage.STEPS_MAX, keys);
        }
        return Reply.array(keys);
    }
}
