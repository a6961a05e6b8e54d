package io.kvasir.gateway.session;

import io.kvasir.gateway.acl.Users;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which clients CLIENT LIST shows and CLIENT KILL closes. A client is of the type "pubsub" while it subscribes, else of
 * the type "normal".
 *
 * @param ids ids asked for, in the order given; empty for all
 * @param type of the clients meant
 * @param user of the clients meant, null for any
 * @param skipMe whether the client itself is spared
 */
record ClientFilter(
        List<Long> ids,
        Type type,
        @Nullable String address,
        @Nullable String localAddress,
        @Nullable String user,
        boolean skipMe) {

    /** Kinds of clients. */
    enum Type {
        ANY,
        NORMAL,
        PUBSUB,
        NONE;

        private boolean has(Session session) {
            return switch (this) {
                case ANY -> true;
                case NORMAL -> !session.subscriber().isActive();
                case PUBSUB -> session.subscriber().isActive();
                case NONE -> false;
            };
        }
    }

    /** Reads the words after CLIENT LIST. */
    static ClientFilter ofList(Arguments arguments) throws CommandError {
        Type type = Type.ANY;
        List<Long> ids = new ArrayList<>();
        if (arguments.size() == 2 && arguments.nextIs("TYPE")) {
            arguments.next();
            type = type(arguments.next());
        } else if (arguments.size() > 1 && arguments.nextIs("ID")) {
            arguments.next();
            while (arguments.hasNext()) {
                ids.add(id(arguments, Long.MIN_VALUE, new CommandError("ERR Invalid client ID")));
            }
        } else if (arguments.hasNext()) {
            throw CommandError.SYNTAX;
        }
        return new ClientFilter(ids, type, null, null, null, false);
    }

    /** Reads the words after CLIENT KILL, in the form of options. */
    static ClientFilter ofKill(Arguments arguments, Users users) throws CommandError {
        List<Long> ids = new ArrayList<>();
        Type type = Type.ANY;
        String address = null;
        String localAddress = null;
        String user = null;
        boolean skipMe = true;
        while (arguments.hasNext()) {
            byte[] option = arguments.next();
            if (!arguments.hasNext()) {
                throw CommandError.SYNTAX;
            }
            switch (Rows.text(option).toUpperCase(Locale.ROOT)) {
                case "ID" -> {
                    ids.clear();
                    ids.add(id(arguments, 1, new CommandError("ERR client-id should be greater than 0")));
                }
                case "TYPE" -> type = type(arguments.next());
                case "ADDR" -> address = Rows.text(arguments.next());
                case "LADDR" -> localAddress = Rows.text(arguments.next());
                case "USER" -> {
                    user = Rows.text(arguments.next());
                    if (users.find(user) == null) {
                        throw new CommandError("ERR No such user '" + user + "'");
                    }
                }
                case "SKIPME" -> {
                    skipMe = arguments.accept("YES");
                    if (!skipMe && !arguments.accept("NO")) {
                        throw CommandError.SYNTAX;
                    }
                }
                default -> throw CommandError.SYNTAX;
            }
        }
        return new ClientFilter(ids, type, address, localAddress, user, skipMe);
    }

    /** Returns whether {@code session} is meant. */
    boolean matches(Session session) {
        return type.has(session)
                && (ids.isEmpty() || ids.contains(session.id()))
                && (address == null || address.equals(session.address()))
                && (localAddress == null || localAddress.equals(session.localAddress()))
                && (user == null || user.equals(session.userName()));
    }

    /** Returns the sessions of the ids, in the order given. */
    List<Session> named(Sessions sessions) {
        return ids.stream().map(sessions::find).filter(Objects::nonNull).toList();
    }

    private static long id(Arguments arguments, long least, CommandError otherwise) throws CommandError {
        try {
            return arguments.nextLong(least, Long.MAX_VALUE, otherwise);
        } catch (CommandError none) {
            throw otherwise;
        }
    }

    private static Type type(byte[] name) throws CommandError {
        return switch (Rows.text(name).toLowerCase(Locale.ROOT)) {
            case "normal" -> Type.NORMAL;
            case "pubsub" -> Type.PUBSUB;
            case "slave", "replica", "master" -> Type.NONE;
            default -> throw new CommandError("ERR Unknown client type '" + Rows.text(name) + "'");
        };
    }
}
