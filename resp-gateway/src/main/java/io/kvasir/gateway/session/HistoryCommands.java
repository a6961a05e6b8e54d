package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.ADMIN;
import static io.kvasir.gateway.command.CommandFlag.LOADING;
import static io.kvasir.gateway.command.CommandFlag.NOSCRIPT;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What commands took how long: SLOWLOG and LATENCY HISTOGRAM. Times are from a command's receipt here to its reply. */
final class HistoryCommands {

    private static final int SHOWN = 10;

    private final SlowLog slowLog;
    private final Supplier<Statistics> statistics;
    private final Supplier<CommandTable> table;

    HistoryCommands(SlowLog slowLog, Supplier<Statistics> statistics, Supplier<CommandTable> table) {
        this.slowLog = slowLog;
        this.statistics = statistics;
        this.table = table;
    }

    List<Command> all() {
        return List.of(
                Rows.container("SLOWLOG", "2.2.12"),
                Rows.immediate(Rows.row("SLOWLOG GET", -2, "2.2.12", ADMIN, LOADING, STALE), this::get),
                Rows.immediate(
                        Rows.row("SLOWLOG LEN", 2, "2.2.12", ADMIN, LOADING, STALE),
                        (_, _) -> Reply.of(slowLog.size())),
                Rows.immediate(Rows.row("SLOWLOG RESET", 2, "2.2.12", ADMIN, LOADING, STALE), (_, _) -> {
                    slowLog.clear();
                    return Reply.OK;
                }),
                Rows.immediate(Rows.row("SLOWLOG HELP", 2, "6.2.0", LOADING, STALE), (_, _) -> slowLogHelp()),
                Rows.immediate(
                        Rows.row("LATENCY HISTOGRAM", -2, "7.0.0", ADMIN, LOADING, NOSCRIPT, STALE), this::histogram));
    }

    private Reply get(Session session, Arguments arguments) throws CommandError {
        if (arguments.size() > 1) {
            throw Rows.wrongWords("SLOWLOG", "GET");
        }
        CommandError outside = new CommandError("ERR count should be greater than or equal to -1");
        long count = SHOWN;
        if (arguments.hasNext()) {
            try {
                count = arguments.nextLong(-1, Long.MAX_VALUE, outside);
            } catch (CommandError none) {
                throw outside;
            }
        }
        int most = count == -1 ? Integer.MAX_VALUE : (int) Math.min(Integer.MAX_VALUE, count);
        List<Reply> entries = new ArrayList<>();
        for (SlowLog.Entry entry : slowLog.newest(most)) {
            List<Reply> words = entry.words().stream().map(Reply::bulk).toList();
            entries.add(Reply.array(List.of(
                    Reply.of(entry.id()),
                    Reply.of(entry.unixSeconds()),
                    Reply.of(entry.micros()),
                    Reply.array(words),
                    Rows.bulk(entry.address()),
                    Rows.bulk(entry.name()))));
        }
        return Reply.array(entries);
    }

    private Reply histogram(Session session, Arguments arguments) throws CommandError {
        List<Command> wanted = new ArrayList<>();
        if (!arguments.hasNext()) {
            wanted.addAll(statistics.get().used());
        }
        while (arguments.hasNext()) {
            Command command = table.get().find(arguments.next());
            if (command instanceof Command.Container container) {
                wanted.addAll(table.get().subcommandsOf(container.spec().name()));
            } else if (command != null) {
                wanted.add(command);
            }
        }
        List<Reply> reply = new ArrayList<>();
        for (Command command : wanted) {
            Statistics.CommandSums sums = statistics.get().sums(command);
            if (sums.calls() > 0) {
                reply.add(Reply.bulk(command.spec().replyName()));
                reply.add(new Reply.MapOf(List.of(
                        Reply.bulk("calls"),
                        Reply.of(sums.calls()),
                        Reply.bulk("histogram_usec"),
                        new Reply.MapOf(cumulative(sums.latencies())))));
            }
        }
        return new Reply.MapOf(reply);
    }

    /** Returns, for each power of two of microseconds that adds to it, how many calls took at most that long. */
    private static List<Reply> cumulative(long[] counts) {
        List<Reply> reply = new ArrayList<>();
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        long seen = 0;
        long told = 0;
        int bucket = 0;
        for (long micros = 1; told < total; micros *= 2) {
            while (bucket < counts.length && LatencyCounts.upperBound(bucket) <= micros * 1_000) {
                seen += counts[bucket++];
            }
            if (bucket == counts.length) {
                seen = total;
            }
            if (seen > told) {
                reply.add(Reply.of(micros));
                reply.add(Reply.of(seen));
                told = seen;
            }
        }
        return reply;
    }

    private static Reply slowLogHelp() {
        return Rows.help(
                "SLOWLOG",
                "GET [<count>]",
                "    Return the newest <count> entries (default: 10, -1 means all). Each holds:",
                "    id, timestamp, time in microseconds, arguments, client's address, client's name",
                "LEN",
                "    Return the number of entries.",
                "RESET",
                "    Remove all entries.");
    }
}
