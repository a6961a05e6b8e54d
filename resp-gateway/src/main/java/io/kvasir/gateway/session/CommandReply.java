package io.kvasir.gateway.session;

import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The row of a command as COMMAND INFO and COMMAND DOCS show it (redis server.c, addReplyCommandInfo). Stateless. */
final class CommandReply {

    /** Flags that COMMAND INFO does not show. */
    private static final Set<CommandFlag> HIDDEN =
            EnumSet.of(CommandFlag.PROTECTED, CommandFlag.SENTINEL, CommandFlag.ONLY_SENTINEL);

    private static final Reply NONE = new Reply.SetOf(List.of());

    private CommandReply() {}

    static Reply info(Command command, CommandTable table) {
        CommandSpec spec = command.spec();
        LegacyKeys legacy = LegacyKeys.of(spec);
        List<Reply> flags = new ArrayList<>();
        spec.flags().stream()
                .filter(flag -> !HIDDEN.contains(flag))
                .map(flag -> new Reply.Status(flag.replyName()))
                .forEach(flags::add);
        if (legacy.movable()) {
            flags.add(new Reply.Status("movablekeys"));
        }
        List<Reply> categories = new ArrayList<>();
        spec.aclCategories().forEach(category -> categories.add(new Reply.Status("@" + category.ruleName())));
        return Reply.array(List.of(
                Reply.bulk(spec.replyName()),
                Reply.of(spec.arity()),
                new Reply.SetOf(flags),
                Reply.of(legacy.first()),
                Reply.of(legacy.last()),
                Reply.of(legacy.step()),
                new Reply.SetOf(categories),
                NONE,
                new Reply.SetOf(spec.keys().stream().map(CommandReply::keySpec).toList()),
                new Reply.SetOf(subcommands(command, table).stream()
                        .map(each -> info(each, table))
                        .toList())));
    }

    static Reply docs(Command command, CommandTable table) {
        CommandSpec spec = command.spec();
        CommandDocs.Entry entry = CommandDocs.of(spec.name());
        List<Reply> docs = new ArrayList<>(List.of(
                Reply.bulk("summary"),
                Reply.bulk(entry.summary()),
                Reply.bulk("since"),
                Reply.bulk(spec.since()),
                Reply.bulk("group"),
                Reply.bulk(entry.group())));
        List<Command> subcommands = subcommands(command, table);
        if (!subcommands.isEmpty()) {
            List<Reply> each = new ArrayList<>();
            for (Command subcommand : subcommands) {
                each.add(Reply.bulk(subcommand.spec().replyName()));
                each.add(docs(subcommand, table));
            }
            docs.add(Reply.bulk("subcommands"));
            docs.add(new Reply.MapOf(each));
        }
        return new Reply.MapOf(docs);
    }

    /** Returns what a command does to a key, in the words of Redis' key specifications. */
    static Reply accessFlags(KeySpec.Access access) {
        return new Reply.SetOf(
                switch (access) {
                    case READ -> List.of(new Reply.Status("RO"), new Reply.Status("access"));
                    case WRITE -> List.of(new Reply.Status("OW"), new Reply.Status("update"));
                    case READ_WRITE ->
                        List.of(new Reply.Status("RW"), new Reply.Status("access"), new Reply.Status("update"));
                });
    }

    private static List<Command> subcommands(Command command, CommandTable table) {
        return command instanceof Command.Container
                ? table.subcommandsOf(command.spec().name())
                : List.of();
    }

    private static Reply keySpec(KeySpec spec) {
        Reply flags = accessFlags(spec.access());
        return switch (spec) {
            case KeySpec.Range range ->
                keySpec(
                        flags,
                        search("index", map("index", Reply.of(range.first()))),
                        search(
                                "range",
                                range(
                                        range.last() < 0 ? range.last() : range.last() - range.first(),
                                        range.step(),
                                        0)));
            case KeySpec.Counted counted ->
                keySpec(
                        flags,
                        search("index", map("index", Reply.of(counted.countAt()))),
                        search(
                                "keynum",
                                map(
                                        "keynumidx", Reply.ZERO,
                                        "firstkey", Reply.of(counted.first() - counted.countAt()),
                                        "keystep", Reply.ONE)));
            case KeySpec.After after ->
                keySpec(
                        flags,
                        search(
                                "keyword",
                                map("keyword", Reply.bulk(after.keyword()), "startfrom", Reply.of(after.from()))),
                        search("range", range(after.divisor() == 0 ? 0 : -1, 1, after.divisor())));
            case KeySpec.MigratedKey _ ->
                keySpec(
                        flags,
                        search("index", map("index", Reply.of(KeySpec.MigratedKeys.KEY_AT))),
                        search("range", range(0, 1, 0)));
            case KeySpec.MigratedKeys _ ->
                keySpec(
                        flags,
                        search("keyword", map("keyword", Reply.bulk("KEYS"), "startfrom", Reply.of(-2))),
                        search("range", range(-1, 1, 0)));
            case KeySpec.Unknown unknown -> keySpec(flags, search("unknown", map()), search("unknown", map()));
        };
    }

    private static Reply keySpec(Reply flags, Reply beginSearch, Reply findKeys) {
        return map("flags", flags, "begin_search", beginSearch, "find_keys", findKeys);
    }

    private static Reply search(String type, Reply spec) {
        return map("type", Reply.bulk(type), "spec", spec);
    }

    private static Reply range(int last, int step, int limit) {
        return map("lastkey", Reply.of(last), "keystep", Reply.of(step), "limit", Reply.of(limit));
    }

    private static Reply map(Object... namesAndReplies) {
        List<Reply> all = new ArrayList<>();
        for (Object each : namesAndReplies) {
            all.add(each instanceof Reply reply ? reply : Reply.bulk((String) each));
        }
        return new Reply.MapOf(all);
    }

    /**
     * The first, last and step by which older clients find keys: the ranges that join into one; all zero if the first
     * key does not stand at a fixed place.
     */
    private record LegacyKeys(int first, int last, int step, boolean movable) {

        static LegacyKeys of(CommandSpec spec) {
            int first = 0;
            int last = 0;
            int step = 0;
            boolean movable = false;
            for (KeySpec keys : spec.keys()) {
                if (keys instanceof KeySpec.MigratedKey) {
                    first = KeySpec.MigratedKeys.KEY_AT;
                    last = first;
                    step = 1;
                } else if (!(keys instanceof KeySpec.Range range)) {
                    movable = true;
                } else if (first == 0) {
                    first = range.first();
                    last = range.last();
                    step = range.step();
                } else if (step == 1 && range.step() == 1 && last > 0 && range.first() == last + 1) {
                    last = range.last();
                } else {
                    movable = true;
                }
            }
            return new LegacyKeys(first, last, step, movable);
        }
    }
}
