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
        for (byte[] word : Redaction.of(words)) {
            line.append(" \"");
            quote(word, line);
            line.append('"');
        }
        Reply shown = new Reply.Status(line.toString());
        all.forEach(monitor -> monitor.subscriber().send(shown));
    }

    /** Appends {@code word} as redis sds.c (sdscatrepr) shows it, without the quotation marks around it. */
    static void quote(byte[] word, StringBuilder line) {
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
