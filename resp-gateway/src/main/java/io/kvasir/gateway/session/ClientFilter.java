package io.kvasir.gateway.session;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which clients CLIENT LIST shows and CLIENT KILL closes. Every client here is of the type "normal" and of the user
 * "default".
 *
 * @param ids ids asked for, in the order given; empty for all
 * @param normal whether clients of type "normal" are meant
 * @param skipMe whether the client itself is spared
 */
record ClientFilter(
        List<Long> ids,
        boolean normal,
        @Nullable String address,
        @Nullable String localAddress,
        boolean skipMe) {

    /** Reads the words after CLIENT LIST. */
    static ClientFilter ofList(Arguments arguments) throws CommandError {
        boolean normal = true;
        List<Long> ids = new ArrayList<>();
        if (arguments.size() == 2 && arguments.nextIs("TYPE")) {
            arguments.next();
            normal = isNormal(arguments.next());
        } else if (arguments.size() > 1 && arguments.nextIs("ID")) {
            arguments.next();
            while (arguments.hasNext()) {
                ids.add(id(arguments, Long.MIN_VALUE, new CommandError("ERR Invalid client ID")));
            }
        } else if (arguments.hasNext()) {
            throw CommandError.SYNTAX;
        }
        return new ClientFilter(ids, normal, null, null, false);
    }

    /** Reads the words after CLIENT KILL, in the form of options. */
    static ClientFilter ofKill(Arguments arguments) throws CommandError {
        List<Long> ids = new ArrayList<>();
        boolean normal = true;
        String address = null;
        String localAddress = null;
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
                case "TYPE" -> normal = isNormal(arguments.next());
                case "ADDR" -> address = Rows.text(arguments.next());
                case "LADDR" -> localAddress = Rows.text(arguments.next());
                case "USER" -> requireDefault(Rows.text(arguments.next()));
                case "SKIPME" -> {
                    skipMe = arguments.accept("YES");
                    if (!skipMe && !arguments.accept("NO")) {
                        throw CommandError.SYNTAX;
                    }
                }
                default -> throw CommandError.SYNTAX;
            }
        }
        return new ClientFilter(ids, normal, address, localAddress, skipMe);
    }

    /** Returns whether {@code session} is meant. */
    boolean matches(Session session) {
        return normal
                && (ids.isEmpty() || ids.contains(session.id()))
                && (address == null || address.equals(session.address()))
                && (localAddress == null || localAddress.equals(session.localAddress()));
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

    private static boolean isNormal(byte[] type) throws CommandError {
        return switch (Rows.text(type).toLowerCase(Locale.ROOT)) {
            case "normal" -> true;
            case "slave", "replica", "pubsub", "master" -> false;
            default -> throw new CommandError("ERR Unknown client type '" + Rows.text(type) + "'");
        };
    }

    private static void requireDefault(String user) throws CommandError {
        if (!user.equals("default")) {
            throw new CommandError("ERR No such user '" + user + "'");
        }
    }
}
