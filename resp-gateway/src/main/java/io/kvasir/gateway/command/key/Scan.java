package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.command.RangeCommand;
import io.kvasir.gateway.command.Ranges;
import io.kvasir.gateway.type.KeyPosition;
import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code SCAN cursor [MATCH pattern] [COUNT number] [TYPE type]}: some keys, and the cursor at which to go on, 0 at the
 * end. A key that is there from the first page to the last is returned at least once, whatever splits or moves
 * meanwhile, and at any gateway (rule K30).
 */
public record Scan(int database, KeyPosition from, ScanFilter options) implements RangeCommand {

    public static final CommandSpec SPEC = CommandSpec.of("SCAN", -2, "2.8.0")
            .flags(CommandFlag.READONLY, CommandFlag.TOUCHES_ARBITRARY_KEYS)
            .categories(AclCategory.KEYSPACE);

    /** Most pages asked of ranges for one answer; beyond it the client goes on at the cursor. */
    static final int PAGES_MAX = 32;

    /** Returns the row. */
    public static Command row() {
        return new Command.RangeByRange(SPEC, Scan::parse, KeyPage.procedure(SPEC));
    }

    private static Scan parse(Arguments arguments) throws CommandError {
        KeyPosition from = KeyPosition.of(ScanCursor.parse(arguments.next()));
        return new Scan(arguments.database(), from, ScanFilter.parse(arguments, true));
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply run(Ranges ranges) throws CommandError {
        List<Reply> keys = new ArrayList<>();
        KeyPages pages = new KeyPages(ranges, SPEC, database, from, options.pattern(), options.type());
        KeyPosition next = from;
        int asked = 0;
        while (!next.isEnd() && (next.equals(from) || keys.size() < options.count() && asked < PAGES_MAX)) {
            pages.next(options.count() - keys.size() > 0 ? options.count() - keys.size() : 1, keys);
            next = pages.position();
            asked++;
        }
        Reply cursor = Reply.bulk(NumberText.bytes(next.isEnd() ? 0 : next.cursor()));
        return Reply.array(List.of(cursor, Reply.array(keys)));
    }
}
