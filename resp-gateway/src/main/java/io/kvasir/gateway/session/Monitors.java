package io.kvasir.gateway.session;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.proto.reply.Reply;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * MONITOR: clients that are shown every command that clients of this gateway call (redis replication.c,
 * replicationFeedMonitors). Administrative commands are not shown, nor what would open a door: passwords. A client that
 * leaves what it is shown unread is disconnected like a subscriber. Safe for any thread.
 */
public final class Monitors {

    /** What stands in place of a password. */
    private static final String REDACTED = "(redacted)";

    private final Set<Session> all = ConcurrentHashMap.newKeySet();
    private final LongSupplier unixMillis;

    /** @param unixMillis the time shown, in ms since the Unix epoch; it decides nothing */
    Monitors(LongSupplier unixMillis) {
        this.unixMillis = unixMillis;
    }

    Command row() {
        return Rows.immediate(
                Rows.row(
                        "MONITOR",
                        1,
                        "1.0.0",
                        CommandFlag.ADMIN,
                        CommandFlag.LOADING,
                        CommandFlag.NOSCRIPT,
                        CommandFlag.STALE),
                (session, arguments) -> {
                    if (arguments.caller() == Arguments.Caller.TRANSACTION) {
                        throw new CommandError("ERR MONITOR isn't allowed for DENY BLOCKING client");
                    }
                    session.monitors(true);
                    all.add(session);
                    return Reply.OK;
                });
    }

    /** A client is gone, or wants to see no more. */
    public void remove(Session session) {
        session.monitors(false);
        all.remove(session);
    }

    /** Shows a command that {@code session} has called. */
    public void show(Session session, CommandSpec spec, byte[][] words) {
        if (all.isEmpty() || spec.is(CommandFlag.ADMIN)) {
            return;
        }
        long millis = unixMillis.getAsLong();
        StringBuilder line = new StringBuilder(128);
        line.append(millis / 1_000).append('.').append(String.format(Locale.ROOT, "%06d", millis % 1_000 * 1_000));
        line.append(" [")
                .append(session.database())
                .append(' ')
                .append(session.address())
                .append(']');
        int secret = firstSecret(spec, words);
        for (int i = 0; i < words.length; i++) {
            line.append(" \"");
            if (i >= secret && i < secret + secrets(spec)) {
                line.append(REDACTED);
            } else {
                quote(words[i], line);
            }
            line.append('"');
        }
        Reply shown = new Reply.Status(line.toString());
        all.forEach(monitor -> monitor.subscriber().send(shown));
    }

    /** Returns where words begin that are not to be shown. */
    private static int firstSecret(CommandSpec spec, byte[][] words) {
        if (spec.name().equals("AUTH")) {
            return 1;
        }
        if (spec.name().equals("HELLO")) {
            for (int i = 1; i < words.length; i++) {
                if (Arguments.equalsIgnoreCase(words[i], "AUTH")) {
                    return i + 1;
                }
            }
        }
        return words.length;
    }

    /** Returns how many words of {@code spec} are not to be shown: of each the name of a user and a password. */
    private static int secrets(CommandSpec spec) {
        return spec.name().equals("AUTH") || spec.name().equals("HELLO") ? 2 : 0;
    }

    /** Appends {@code word} as redis sds.c (sdscatrepr) shows it, without the quotation marks around it. */
    private static void quote(byte[] word, StringBuilder line) {
        for (byte letter : word) {
            switch (letter) {
                case '\\', '"' -> line.append('\\').append((char) letter);
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                case 7 -> line.append("\\a");
                case '\b' -> line.append("\\b");
                default -> {
                    if (letter >= ' ' && letter <= '~') {
                        line.append((char) letter);
                    } else {
                        line.append(String.format(Locale.ROOT, "\\x%02x", letter & 0xFF));
                    }
                }
            }
        }
    }
}
