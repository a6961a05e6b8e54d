package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.ADMIN;
import static io.kvasir.gateway.command.CommandFlag.LOADING;
import static io.kvasir.gateway.command.CommandFlag.NOSCRIPT;
import static io.kvasir.gateway.command.CommandFlag.SENTINEL;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.acl.Users;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.BlockingCommand;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.time.Ticker;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The CLIENT commands. */
final class ClientCommands {

    private static final CommandFlag[] USUAL = {LOADING, NOSCRIPT, SENTINEL, STALE};
    private static final CommandFlag[] ADMINISTRATIVE = {ADMIN, LOADING, NOSCRIPT, SENTINEL, STALE};
    private static final Reply UNBLOCKED = Reply.error("UNBLOCKED client unblocked via CLIENT UNBLOCK");

    private final Sessions sessions;
    private final Users users;
    private final Ticker ticker;

    ClientCommands(Sessions sessions, Users users, Ticker ticker) {
        this.users = users;
        this.sessions = sessions;
        this.ticker = ticker;
    }

    List<Command> all() {
        return List.of(
                Rows.container("CLIENT", "2.4.0", SENTINEL),
                of("ID", 2, "5.0.0", USUAL, (session, _) -> Reply.of(session.id())),
                of(
                        "INFO",
                        2,
                        "6.2.0",
                        USUAL,
                        (session, _) -> Rows.verbatim(ClientLine.of(session, ticker.nanoTime()) + "\n")),
                of("LIST", -2, "2.4.0", ADMINISTRATIVE, this::list),
                of("SETNAME", 3, "2.6.9", USUAL, ClientCommands::setName),
                of("GETNAME", 2, "2.6.9", USUAL, (session, _) -> getName(session)),
                of("REQUESTID", 3, "7.2.0", USUAL, (session, arguments) -> {
                    session.requestName(RequestName.parse(arguments.next()));
                    return Reply.OK;
                }),
                of("SETINFO", 4, "7.2.0", USUAL, ClientCommands::setInfo),
                of("KILL", -3, "2.4.0", ADMINISTRATIVE, this::kill),
                of("NO-EVICT", 3, "7.0.0", ADMINISTRATIVE, (session, arguments) -> {
                    session.noEvict(onOrOff(arguments));
                    return Reply.OK;
                }),
                of("NO-TOUCH", 3, "7.2.0", new CommandFlag[] {LOADING, NOSCRIPT, STALE}, (session, arguments) -> {
                    session.noTouch(onOrOff(arguments));
                    return Reply.OK;
                }),
                of("REPLY", 3, "3.2.0", USUAL, ClientCommands::reply),
                of("PAUSE", -3, "3.0.0", ADMINISTRATIVE, this::pause),
                of("UNPAUSE", 2, "6.2.0", ADMINISTRATIVE, (_, _) -> {
                    sessions.release();
                    return Reply.OK;
                }),
                of(
                        "CONSISTENCY",
                        -2,
                        "7.2.0",
                        new CommandFlag[] {LOADING, NOSCRIPT, STALE},
                        ClientCommands::consistency),
                of("UNBLOCK", -3, "5.0.0", ADMINISTRATIVE, this::unblock),
                of("HELP", 2, "5.0.0", new CommandFlag[] {LOADING, SENTINEL, STALE}, (_, _) -> help()));
    }

    /**
     * Returns {@code word} as a client's name.
     *
     * @throws CommandError if it has chars that would break the lines of CLIENT LIST
     */
    static String checkedName(byte[] word) throws CommandError {
        if (!isPlain(word)) {
            throw new CommandError("ERR Client names cannot contain spaces, newlines or special characters.");
        }
        return Rows.text(word);
    }

    private static Command of(
            String name, int arity, String since, CommandFlag[] flags, SessionCommand.ImmediateCode code) {
        CommandSpec row = Rows.connection("CLIENT " + name, arity, since, flags);
        return Rows.immediate(row, code);
    }

    private Reply list(Session session, Arguments arguments) throws CommandError {
        ClientFilter filter = ClientFilter.ofList(arguments);
        long now = ticker.nanoTime();
        StringBuilder lines = new StringBuilder();
        for (Session each : filter.ids().isEmpty() ? sessions.all() : filter.named(sessions)) {
            if (filter.matches(each)) {
                lines.append(ClientLine.of(each, now)).append('\n');
            }
        }
        return Rows.verbatim(lines.toString());
    }

    private Reply kill(Session session, Arguments arguments) throws CommandError {
        if (arguments.size() == 1) {
            String address = Rows.text(arguments.next());
            for (Session each : sessions.all()) {
                if (each.address().equals(address)) {
                    end(each, session);
                    return Reply.OK;
                }
            }
            throw new CommandError("ERR No such client");
        }
        ClientFilter filter = ClientFilter.ofKill(arguments, users);
        long killed = 0;
        for (Session each : sessions.all()) {
            if (filter.matches(each) && !(filter.skipMe() && each == session)) {
                end(each, session);
                killed++;
            }
        }
        return Reply.of(killed);
    }

    private static void end(Session victim, Session killer) {
        if (victim == killer) {
            victim.endAfterReply();
        } else {
            victim.kill();
        }
    }

    private static Reply setName(Session session, Arguments arguments) throws CommandError {
        session.name(checkedName(arguments.next()));
        return Reply.OK;
    }

    private static Reply getName(Session session) {
        return session.name().isEmpty() ? Reply.NULL : Rows.bulk(session.name());
    }

    private static Reply setInfo(Session session, Arguments arguments) throws CommandError {
        byte[] what = arguments.next();
        byte[] value = arguments.next();
        boolean name = Arguments.equalsIgnoreCase(what, "LIB-NAME");
        if (!name && !Arguments.equalsIgnoreCase(what, "LIB-VER")) {
            throw new CommandError("ERR Unrecognized option '" + Rows.text(what) + "'");
        }
        if (!isPlain(value)) {
            throw new CommandError("ERR " + (name ? "lib-name" : "lib-ver")
                    + " cannot contain spaces, newlines or special characters.");
        }
        if (name) {
            session.libraryName(Rows.text(value));
        } else {
            session.libraryVersion(Rows.text(value));
        }
        return Reply.OK;
    }

    private static boolean isPlain(byte[] word) {
        for (byte letter : word) {
            if (letter < '!' || letter > '~') {
                return false;
            }
        }
        return true;
    }

    private static boolean onOrOff(Arguments arguments) throws CommandError {
        if (arguments.accept("ON")) {
            return true;
        }
        if (arguments.accept("OFF")) {
            return false;
        }
        throw CommandError.SYNTAX;
    }

    private static Reply reply(Session session, Arguments arguments) throws CommandError {
        if (arguments.accept("ON")) {
            session.replies(Session.Replies.ON);
        } else if (arguments.accept("OFF")) {
            session.replies(Session.Replies.OFF);
        } else if (arguments.accept("SKIP")) {
            session.skipNextReply();
        } else {
            throw CommandError.SYNTAX;
        }
        return Reply.OK;
    }

    private static Reply consistency(Session session, Arguments arguments) throws CommandError {
        if (!arguments.hasNext()) {
            return session.consistency().reply();
        }
        session.consistency(Consistency.parse(arguments));
        return Reply.OK;
    }

    private Reply pause(Session session, Arguments arguments) throws CommandError {
        byte[] timeout = arguments.next();
        boolean writesOnly = false;
        if (arguments.remaining() > 1) {
            throw Rows.wrongWords("CLIENT", "PAUSE");
        }
        if (arguments.hasNext()) {
            writesOnly = arguments.nextIs("WRITE");
            if (!writesOnly && !arguments.nextIs("ALL")) {
                throw new CommandError("ERR CLIENT PAUSE mode must be WRITE or ALL");
            }
        }
        long millis;
        try {
            millis = Long.parseLong(Rows.text(timeout));
        } catch (NumberFormatException none) {
            throw new CommandError("ERR timeout is not an integer or out of range");
        }
        if (millis < 0) {
            throw new CommandError("ERR timeout is negative");
        }
        long now = ticker.nanoTime();
        long nanos = TimeUnit.MILLISECONDS.toNanos(Math.min(millis, TimeUnit.DAYS.toMillis(10_000)));
        sessions.pause(new Pause(now + nanos, writesOnly), now);
        return Reply.OK;
    }

    private Reply unblock(Session session, Arguments arguments) throws CommandError {
        byte[] id = arguments.next();
        if (arguments.remaining() > 1) {
            throw Rows.wrongWords("CLIENT", "UNBLOCK");
        }
        Reply end = BlockingCommand.TIMED_OUT;
        if (arguments.accept("ERROR")) {
            end = UNBLOCKED;
        } else if (arguments.hasNext() && !arguments.accept("TIMEOUT")) {
            throw new CommandError("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
        }
        Session blocked = sessions.find(NumberText.parseLong(id));
        return blocked != null && blocked.waiting().end(end) ? Reply.ONE : Reply.ZERO;
    }

    private static Reply help() {
        return Rows.help(
                "CLIENT",
                "CACHING (YES|NO)",
                "    Except the next command, or transaction, from the rule of CLIENT TRACKING.",
                "CONSISTENCY [STRICT|SESSION|BOUNDED <milliseconds>|STALE]",
                "    Show, or choose, what reads of this connection must show.",
                "GETNAME",
                "    Return the name of the current connection.",
                "GETREDIR",
                "    Return the client ID to which tracking is redirected.",
                "ID",
                "    Return the ID of the current connection.",
                "INFO",
                "    Return information about the current connection.",
                "KILL <ip:port>",
                "    Close the connection made from <ip:port>.",
                "KILL <option> <value> [<option> <value> [...]]",
                "    Close connections by ID, TYPE, USER, ADDR, LADDR; SKIPME (YES|NO), default yes.",
                "LIST [TYPE (NORMAL|MASTER|REPLICA|PUBSUB)] [ID <id> [...]]",
                "    Return information about connections.",
                "NO-EVICT (ON|OFF)",
                "    Protect the current connection from eviction.",
                "NO-TOUCH (ON|OFF)",
                "    Let the commands of this connection not count as use of their keys.",
                "PAUSE <timeout> [WRITE|ALL]",
                "    Hold all commands, or those that write, for <timeout> milliseconds.",
                "REPLY (ON|OFF|SKIP)",
                "    Choose which commands of this connection are answered.",
                "REQUESTID <id>",
                "    Name the next write, so that sending it again has no second effect.",
                "SETINFO <option> <value>",
                "    Name the client library: LIB-NAME or LIB-VER.",
                "SETNAME <name>",
                "    Name the current connection.",
                "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]] [OPTIN] [OPTOUT] [NOLOOP]",
                "    Tell this connection, or another, of changes to keys it has read.",
                "TRACKINGINFO",
                "    Report the state of tracking for the current connection.",
                "UNBLOCK <clientid> [TIMEOUT|ERROR]",
                "    End the wait of the connection <clientid>.",
                "UNPAUSE",
                "    End the pause.");
    }
}
