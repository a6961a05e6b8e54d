package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.LOADING;
import static io.kvasir.gateway.command.CommandFlag.NOSCRIPT;
import static io.kvasir.gateway.command.CommandFlag.SENTINEL;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.tracking.Tracker;
import io.kvasir.gateway.tracking.Tracking;
import io.kvasir.gateway.tracking.TrackingMode;
import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The CLIENT commands of client-side caching (redis networking.c and tracking.c). */
final class TrackingCommands {

    private static final Reply NOBODY = Reply.of(-1);

    private final Tracking tracking;
    private final Sessions sessions;

    TrackingCommands(Tracking tracking, Sessions sessions) {
        this.tracking = tracking;
        this.sessions = sessions;
    }

    List<Command> all() {
        return List.of(
                of("TRACKING", -3, "6.0.0", this::tracking),
                of("CACHING", 3, "6.0.0", TrackingCommands::caching),
                of("GETREDIR", 2, "6.0.0", (session, _) -> redirection(session.tracker())),
                of("TRACKINGINFO", 2, "6.2.0", (session, _) -> info(session.tracker())));
    }

    private static Command of(String name, int arity, String since, SessionCommand.ImmediateCode code) {
        return Rows.immediate(
                Rows.connection("CLIENT " + name, arity, since, LOADING, NOSCRIPT, SENTINEL, STALE), code);
    }

    private Reply tracking(Session session, Arguments arguments) throws CommandError {
        byte[] state = arguments.next();
        TrackingMode wanted = parse(arguments);
        Tracker tracker = session.tracker();
        if (Arguments.equalsIgnoreCase(state, "ON")) {
            check(wanted, tracker.mode());
            tracking.on(tracker, wanted);
        } else if (Arguments.equalsIgnoreCase(state, "OFF")) {
            tracking.off(tracker);
        } else {
            throw CommandError.SYNTAX;
        }
        return Reply.OK;
    }

    private TrackingMode parse(Arguments arguments) throws CommandError {
        boolean broadcast = false;
        boolean optIn = false;
        boolean optOut = false;
        boolean noLoop = false;
        long redirect = 0;
        List<String> prefixes = new ArrayList<>();
        while (arguments.hasNext()) {
            if (arguments.remaining() > 1 && arguments.accept("REDIRECT")) {
                redirect = redirect(arguments, redirect);
            } else if (arguments.accept("BCAST")) {
                broadcast = true;
            } else if (arguments.accept("OPTIN")) {
                optIn = true;
            } else if (arguments.accept("OPTOUT")) {
                optOut = true;
            } else if (arguments.accept("NOLOOP")) {
                noLoop = true;
            } else if (arguments.remaining() > 1 && arguments.accept("PREFIX")) {
                prefixes.add(Rows.text(arguments.next()));
            } else {
                throw CommandError.SYNTAX;
            }
        }
        return new TrackingMode(broadcast, optIn, optOut, noLoop, redirect, prefixes);
    }

    private long redirect(Arguments arguments, long before) throws CommandError {
        if (before != 0) {
            throw new CommandError("ERR A client can only redirect to a single other client");
        }
        long client = arguments.nextLong();
        if (sessions.find(client) == null) {
            throw new CommandError("ERR The client ID you want redirect to does not exist");
        }
        return client;
    }

    private static void check(TrackingMode wanted, @Nullable TrackingMode before) throws CommandError {
        if (!wanted.broadcast() && !wanted.prefixes().isEmpty()) {
            throw new CommandError("ERR PREFIX option requires BCAST mode to be enabled");
        }
        if (before != null && before.broadcast() != wanted.broadcast()) {
            throw new CommandError("ERR You can't switch BCAST mode on/off before disabling tracking for this client,"
                    + " and then re-enabling it with a different mode.");
        }
        if (wanted.broadcast() && (wanted.optIn() || wanted.optOut())) {
            throw new CommandError("ERR OPTIN and OPTOUT are not compatible with BCAST");
        }
        if (wanted.optIn() && wanted.optOut()) {
            throw new CommandError("ERR You can't specify both OPTIN mode and OPTOUT mode");
        }
        if (before != null && (wanted.optIn() && before.optOut() || wanted.optOut() && before.optIn())) {
            throw new CommandError("ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client,"
                    + " and then re-enabling it with a different mode.");
        }
        checkPrefixes(wanted.prefixes(), before == null ? List.of() : before.prefixes());
    }

    private static void checkPrefixes(List<String> wanted, List<String> before) throws CommandError {
        for (int i = 0; i < wanted.size(); i++) {
            checkOverlap(wanted.get(i), before, "an existing");
            checkOverlap(wanted.get(i), wanted.subList(i + 1, wanted.size()), "another provided");
        }
    }

    private static void checkOverlap(String prefix, List<String> others, String which) throws CommandError {
        for (String other : others) {
            if (prefix.startsWith(other) || other.startsWith(prefix)) {
                throw new CommandError("ERR Prefix '" + prefix + "' overlaps with " + which + " prefix '" + other
                        + "'. Prefixes for a single client must not overlap.");
            }
        }
    }

    private static Reply caching(Session session, Arguments arguments) throws CommandError {
        TrackingMode mode = session.tracker().mode();
        if (mode == null) {
            throw new CommandError(
                    "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN"
                            + " or OPTOUT mode enabled");
        }
        boolean yes = arguments.accept("YES");
        if (!yes && !arguments.accept("NO")) {
            throw CommandError.SYNTAX;
        }
        if (yes && !mode.optIn()) {
            throw new CommandError("ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.");
        }
        if (!yes && !mode.optOut()) {
            throw new CommandError("ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.");
        }
        session.tracker().cachingNext();
        return Reply.OK;
    }

    private static Reply redirection(Tracker tracker) {
        TrackingMode mode = tracker.mode();
        return mode == null ? NOBODY : Reply.of(mode.redirect());
    }

    private static Reply info(Tracker tracker) {
        TrackingMode mode = tracker.mode();
        List<Reply> flags = new ArrayList<>();
        List<Reply> prefixes = new ArrayList<>();
        flags.add(Reply.bulk(mode == null ? "off" : "on"));
        if (mode != null) {
            flag(flags, mode.broadcast(), "bcast");
            flag(flags, mode.optIn(), "optin");
            flag(flags, mode.optIn() && tracker.isCachingGiven(), "caching-yes");
            flag(flags, mode.optOut(), "optout");
            flag(flags, mode.optOut() && tracker.isCachingGiven(), "caching-no");
            flag(flags, mode.noLoop(), "noloop");
            flag(flags, tracker.isRedirectionBroken(), "broken_redirect");
            mode.prefixes().forEach(prefix -> prefixes.add(Rows.bulk(prefix)));
        }
        return new Reply.MapOf(List.of(
                Reply.bulk("flags"),
                new Reply.SetOf(flags),
                Reply.bulk("redirect"),
                redirection(tracker),
                Reply.bulk("prefixes"),
                Reply.array(prefixes)));
    }

    private static void flag(List<Reply> flags, boolean is, String name) {
        if (is) {
            flags.add(Reply.bulk(name));
        }
    }
}
