package io.kvasir.gateway.server;

import io.kvasir.gateway.acl.AclLog;
import io.kvasir.gateway.acl.Denial;
import io.kvasir.gateway.acl.Intercepts;
import io.kvasir.gateway.acl.User;
import io.kvasir.gateway.acl.Users;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.transaction.MultiQueue.Queued;
import io.kvasir.gateway.command.transaction.MultiQueue.Taken;
import io.kvasir.gateway.script.RunAs;
import io.kvasir.gateway.session.Session;
import io.kvasir.gateway.session.SessionCommand;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a client may still run at EXEC what it was allowed to queue (redis multi.c, execCommand): what it may not is
 * answered an error in its place, the rest is run. Immutable; called by the event loops.
 */
final class QueuedRights {

    private final CommandTable table;
    private final Users users;

    QueuedRights(CommandTable table, Users users) {
        this.table = table;
        this.users = users;
    }

    /** Returns {@code taken} with errors in place of the commands that the client may no longer run. */
    Taken allowed(Session session, Taken taken, long nowNanos) throws CommandError {
        User user = session.user(users);
        Intercepts intercepts = users.intercepts();
        if (user == null || session.isUnlimited() && intercepts.isEmpty()) {
            return taken;
        }
        List<Queued> commands = new ArrayList<>();
        for (Queued queued : taken.commands()) {
            byte[][] words = RunAs.called(queued.words(), queued.command().spec());
            Command command = table.require(words);
            Denial denial = user.check(command, words);
            denial = denial == null ? intercepts.denial(user.name(), command.spec()) : denial;
            if (denial != null && denial.reason() == Denial.Reason.CONFIRM) {
                denial = null; // it was confirmed when it was queued, or nothing was asked for then
            }
            if (denial == null) {
                commands.add(queued);
            } else {
                users.log().add(denial, AclLog.Context.MULTI, user.name(), session.line(nowNanos));
                commands.add(new Queued(refused(command, denial), words));
            }
        }
        return new Taken(taken.watched(), commands, taken.spoiled());
    }

    private static Command refused(Command command, Denial denial) {
        CommandError error = new CommandError("NOPERM ACLs rules changed between the moment the transaction was"
                + " accumulated and the EXEC call. This command is no longer allowed for the following reason: "
                + denial.ruleText());
        return new SessionCommand.Immediate(command.spec(), (_, _) -> {
            throw error;
        });
    }
}
