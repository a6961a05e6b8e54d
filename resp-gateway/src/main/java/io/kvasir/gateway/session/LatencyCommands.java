package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.ADMIN;
import static io.kvasir.gateway.command.CommandFlag.LOADING;
import static io.kvasir.gateway.command.CommandFlag.NOSCRIPT;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;

/** LATENCY but for HISTOGRAM: what {@link LatencyMonitor} has seen. */
final class LatencyCommands {

    private final LatencyMonitor monitor;

    LatencyCommands(LatencyMonitor monitor) {
        this.monitor = monitor;
    }

    List<Command> all() {
        return List.of(
                Rows.container("LATENCY", "2.8.13"),
                of("DOCTOR", 2, (_, _) -> Rows.verbatim(report())),
                of("GRAPH", 3, this::graph),
                of("HISTORY", 3, this::history),
                of("LATEST", 2, (_, _) -> latest()),
                of("RESET", -2, this::reset),
                Rows.immediate(Rows.row("LATENCY HELP", 2, "2.8.13", LOADING, STALE), (_, _) -> help()));
    }

    private static Command of(String name, int arity, SessionCommand.ImmediateCode code) {
        CommandFlag[] flags = {ADMIN, LOADING, NOSCRIPT, STALE};
        return Rows.immediate(Rows.row("LATENCY " + name, arity, "2.8.13", flags), code);
    }

    private Reply history(Session session, Arguments arguments) throws CommandError {
        List<Reply> samples = new ArrayList<>();
        for (LatencyMonitor.Sample sample : monitor.history(Rows.text(arguments.next()))) {
            samples.add(Reply.array(List.of(Reply.of(sample.unixSeconds()), Reply.of(sample.millis()))));
        }
        return Reply.array(samples);
    }

    private Reply graph(Session session, Arguments arguments) throws CommandError {
        String name = Rows.text(arguments.next());
        for (LatencyMonitor.Latest event : monitor.latest()) {
            if (event.event().equals(name)) {
                return Rows.verbatim(LatencyGraph.of(event, monitor.history(name), monitor.unixSeconds()));
            }
        }
        throw new CommandError("ERR No samples available for event '" + name + "'");
    }

    private Reply latest() {
        List<Reply> events = new ArrayList<>();
        for (LatencyMonitor.Latest event : monitor.latest()) {
            events.add(Reply.array(List.of(
                    Rows.bulk(event.event()),
                    Reply.of(event.last().unixSeconds()),
                    Reply.of(event.last().millis()),
                    Reply.of(event.mostMillis()))));
        }
        return Reply.array(events);
    }

    private Reply reset(Session session, Arguments arguments) throws CommandError {
        List<String> names = new ArrayList<>();
        while (arguments.hasNext()) {
            names.add(Rows.text(arguments.next()));
        }
        return Reply.of(monitor.reset(names));
    }

    private String report() {
        if (!monitor.isOn()) {
            return "Latency is not watched here: CONFIG SET latency-monitor-threshold <milliseconds> does so.\n";
        }
        List<LatencyMonitor.Latest> events = monitor.latest();
        if (events.isEmpty()) {
            return "No command of this node has taken as long as latency-monitor-threshold.\n";
        }
        StringBuilder text = new StringBuilder();
        for (LatencyMonitor.Latest event : events) {
            List<LatencyMonitor.Sample> samples = monitor.history(event.event());
            long sum = samples.stream().mapToLong(LatencyMonitor.Sample::millis).sum();
            text.append(event.event())
                    .append(": ")
                    .append(samples.size())
                    .append(" seconds with slow ones, on average ")
                    .append(sum / Math.max(1, samples.size()))
                    .append(" ms, at most ")
                    .append(event.mostMillis())
                    .append(" ms. SLOWLOG GET shows which.\n");
        }
        return text.toString();
    }

    private static Reply help() {
        return Rows.help(
                "LATENCY",
                "DOCTOR",
                "    Return a report on the slow commands of this node, for people.",
                "GRAPH <event>",
                "    Return the samples of <event> as a picture.",
                "HISTORY <event>",
                "    Return the samples of <event>, which is command or fast-command: time and milliseconds.",
                "LATEST",
                "    Return the last sample of each event, and the largest.",
                "RESET [<event> ...]",
                "    Forget the samples of these events, or of all.",
                "HISTOGRAM [<command> ...]",
                "    Return how many calls of each command took at most how many microseconds.");
    }
}
