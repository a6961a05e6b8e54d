package io.kvasir.gateway.server;

import io.kvasir.gateway.acl.AclLog;
import io.kvasir.gateway.acl.Denial;
import io.kvasir.gateway.acl.Intercept;
import io.kvasir.gateway.acl.Intercepts;
import io.kvasir.gateway.acl.Users;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.session.CommandMeter;
import io.kvasir.gateway.session.Confirmations;
import io.kvasir.gateway.session.Session;
import io.kvasir.gateway.session.SessionCommand;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Stops calls of clients that are intercepted, before they are queued or run. Asked only while there are rules.
 * Immutable; called by the event loops.
 */
final class Interception {

    /** Words of {@code AT time} before the command. */
    private static final int AT_WORDS = 2;

    private final CommandTable table;
    private final Users users;
    private final Confirmations confirmations;

    Interception(CommandTable table, Users users, Confirmations confirmations) {
        this.table = table;
        this.users = users;
        this.confirmations = confirmations;
    }

    /** Returns {@code words} with commands by their own names, null if the client knows none by the name there. */
    byte @Nullable [][] named(Session session, byte[][] words) {
        Intercepts intercepts = users.intercepts();
        byte[][] named = intercepts.named(session.userName(), words);
        if (named == null || named.length <= AT_WORDS || !(table.find(named[0]) instanceof SessionCommand.AtTime)) {
            return named;
        }
        byte[][] inner = intercepts.named(session.userName(), inner(named));
        if (inner == null) {
            return null;
        }
        byte[][] whole = named.clone();
        whole[AT_WORDS] = inner[0];
        return whole;
    }

    private static byte[][] inner(byte[][] words) {
        return Arrays.copyOfRange(words, AT_WORDS, words.length);
    }

    /** Returns whether the call is not to be run, after it has been answered. */
    boolean stops(Connection connection, Command command, CommandMeter meter, byte[][] words, long now) {
        Session session = connection.session();
        // A transaction may begin between the confirmation and the call.
        boolean confirmed = !isMulti(command) && confirmations.take(session, words);
        Intercept.Action action = users.intercepts().action(session.userName(), command.spec());
        Denial denial = command instanceof SessionCommand.AtTime ? ofInner(session, words) : null;
        if (action instanceof Intercept.Confirm(int seconds) && denial == null) {
            if (confirmed) {
                return false;
            }
            note(connection, new Denial(Denial.Reason.CONFIRM, command.spec().replyName()));
            session.multi().spoil();
            session.begin(command.spec());
            confirmations.ask(
                    session, command.spec().replyName(), words, seconds, connection.owe(meter, words, now, 0, true));
            return true;
        }
        denial = denial == null ? users.intercepts().denial(session.userName(), command.spec()) : denial;
        if (denial == null) {
            return false;
        }
        note(connection, denial);
        session.multi().spoil();
        connection.refuse(meter, denial.reply(session.userName()));
        return true;
    }

    private static boolean isMulti(Command command) {
        return command instanceof SessionCommand.Transactional transactional
                && transactional.step() == SessionCommand.Step.MULTI;
    }

    private @Nullable Denial ofInner(Session session, byte[][] words) {
        try {
            return users.intercepts()
                    .denial(session.userName(), table.require(inner(words)).spec());
        } catch (CommandError notOne) {
            return null; // it is refused for that
        }
    }

    private void note(Connection connection, Denial denial) {
        Session session = connection.session();
        AclLog.Context context = session.multi().begun() ? AclLog.Context.MULTI : AclLog.Context.TOPLEVEL;
        users.log().add(denial, context, session.userName(), session.line(connection.nanoTime()));
    }
}
