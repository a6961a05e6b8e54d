package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.ALLOW_BUSY;
import static io.kvasir.gateway.command.CommandFlag.FAST;
import static io.kvasir.gateway.command.CommandFlag.LOADING;
import static io.kvasir.gateway.command.CommandFlag.NOSCRIPT;
import static io.kvasir.gateway.command.CommandFlag.NO_AUTH;
import static io.kvasir.gateway.command.CommandFlag.SENTINEL;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.acl.AclLog;
import io.kvasir.gateway.acl.Denial;
import io.kvasir.gateway.acl.User;
import io.kvasir.gateway.acl.Users;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.tracking.Tracking;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.time.Ticker;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The commands by which a client sets up its connection: PING, ECHO, HELLO, AUTH, RESET, QUIT, SELECT. */
final class ConnectionCommands {

    private static final byte[] NOTHING = {};
    private static final Reply PONG = new Reply.Status("PONG");
    private static final Reply RESET = new Reply.Status("RESET");
    private static final CommandError WRONG_PASSWORD =
            new CommandError("WRONGPASS invalid username-password pair or user is disabled.");
    private static final CommandError NO_PROTOCOL = new CommandError("NOPROTO unsupported protocol version");

    private static final CommandError USERS_UNKNOWN =
            new CommandError("LOADING this node has not read its users yet, try again");

    private final Settings settings;
    private final Users users;
    private final Tracking tracking;
    private final Monitors monitors;
    private final Ticker ticker;

    ConnectionCommands(Settings settings, Users users, Tracking tracking, Monitors monitors, Ticker ticker) {
        this.monitors = monitors;
        this.tracking = tracking;
        this.settings = settings;
        this.users = users;
        this.ticker = ticker;
    }

    List<Command> all() {
        return List.of(
                Rows.immediate(Rows.connection("PING", -1, "1.0.0", FAST, SENTINEL), ConnectionCommands::ping),
                Rows.immediate(
                        Rows.connection("ECHO", 2, "1.0.0", FAST, LOADING, STALE),
                        (_, arguments) -> new Reply.Bulk(arguments.next())),
                Rows.immediate(
                        Rows.connection(
                                "HELLO", -1, "6.0.0", ALLOW_BUSY, FAST, LOADING, NOSCRIPT, NO_AUTH, SENTINEL, STALE),
                        this::hello),
                Rows.immediate(
                        Rows.connection(
                                "AUTH", -2, "1.0.0", ALLOW_BUSY, FAST, LOADING, NOSCRIPT, NO_AUTH, SENTINEL, STALE),
                        this::auth),
                Rows.immediate(
                        Rows.connection("RESET", 1, "6.2.0", ALLOW_BUSY, FAST, LOADING, NOSCRIPT, NO_AUTH, STALE),
                        (session, _) -> reset(session)),
                Rows.immediate(
                        Rows.connection("QUIT", -1, "1.0.0", ALLOW_BUSY, FAST, LOADING, NOSCRIPT, NO_AUTH, STALE),
                        (session, _) -> quit(session)),
                Rows.immediate(Rows.connection("SELECT", 2, "1.0.0", FAST, LOADING, STALE), this::select));
    }

    private static Reply ping(Session session, Arguments arguments) throws CommandError {
        if (arguments.size() > 1) {
            throw CommandError.wrongArity("ping");
        }
        if (session.onlySubscribes()) {
            return Reply.array(
                    List.of(Reply.bulk("pong"), Reply.bulk(arguments.hasNext() ? arguments.next() : NOTHING)));
        }
        return arguments.hasNext() ? new Reply.Bulk(arguments.next()) : PONG;
    }

    private Reply hello(Session session, Arguments arguments) throws CommandError {
        boolean resp3 = session.resp3();
        if (arguments.hasNext()) {
            long version;
            try {
                version = arguments.nextLong();
            } catch (CommandError notAnInteger) {
                throw new CommandError("ERR Protocol version is not an integer or out of range");
            }
            if (version < 2 || version > 3) {
                throw NO_PROTOCOL;
            }
            resp3 = version == 3;
        }
        String name = null;
        while (arguments.hasNext()) {
            if (arguments.nextIs("AUTH") && arguments.remaining() > 2) {
                arguments.next();
                authenticate(session, arguments.next(), arguments.next());
            } else if (arguments.nextIs("SETNAME") && arguments.remaining() > 1) {
                arguments.next();
                name = ClientCommands.checkedName(arguments.next());
            } else {
                throw new CommandError("ERR Syntax error in HELLO option '" + Rows.text(arguments.next()) + "'");
            }
        }
        if (session.user(users) == null) {
            throw new CommandError(
                    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO"
                            + " <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol"
                            + " version at the same time");
        }
        if (name != null) {
            session.name(name);
        }
        session.resp3(resp3);
        return new Reply.MapOf(List.of(
                Reply.bulk("server"),
                Reply.bulk("redis"),
                Reply.bulk("version"),
                Reply.bulk(NodeFacts.REDIS_VERSION),
                Reply.bulk("proto"),
                Reply.of(resp3 ? 3 : 2),
                Reply.bulk("id"),
                Reply.of(session.id()),
                Reply.bulk("mode"),
                Reply.bulk(session.cluster() ? "cluster" : "standalone"),
                Reply.bulk("role"),
                Reply.bulk("master"),
                Reply.bulk("modules"),
                Reply.EMPTY_ARRAY));
    }

    private Reply auth(Session session, Arguments arguments) throws CommandError {
        if (arguments.size() > 2) {
            throw CommandError.SYNTAX;
        }
        if (arguments.size() == 1) {
            User user = users.find(User.DEFAULT);
            if (user != null && user.noPassword()) {
                throw new CommandError(
                        "ERR AUTH <password> called without any password configured for the default user."
                                + " Are you sure your configuration is correct?");
            }
            authenticate(session, User.DEFAULT.getBytes(StandardCharsets.US_ASCII), arguments.next());
        } else {
            authenticate(session, arguments.next(), arguments.next());
        }
        return Reply.OK;
    }

    private void authenticate(Session session, byte[] user, byte[] password) throws CommandError {
        if (!users.areKnown()) {
            throw USERS_UNKNOWN;
        }
        User found = users.authenticate(Rows.text(user), password);
        if (found == null) {
            users.log()
                    .add(
                            new Denial(Denial.Reason.AUTH, "AUTH"),
                            AclLog.Context.TOPLEVEL,
                            Rows.text(user),
                            ClientLine.of(session, ticker.nanoTime()));
            throw WRONG_PASSWORD;
        }
        session.login(found);
    }

    private Reply reset(Session session) {
        tracking.off(session.tracker());
        monitors.remove(session);
        session.reset(users);
        return RESET;
    }

    private static Reply quit(Session session) {
        session.endAfterReply();
        return Reply.OK;
    }

    private Reply select(Session session, Arguments arguments) throws CommandError {
        long number = arguments.nextLong();
        if (number != (int) number) {
            throw new CommandError("ERR value is out of range, value must between -2147483648 and 2147483647");
        }
        if (session.cluster() && number != 0) {
            throw new CommandError("ERR SELECT is not allowed in cluster mode");
        }
        if (number < 0 || number >= settings.number("databases")) {
            throw new CommandError("ERR DB index is out of range");
        }
        session.database((int) number);
        return Reply.OK;
    }
}
