package io.kvasir.gateway.script;

import io.kvasir.gateway.acl.AclLog;
import io.kvasir.gateway.acl.Denial;
import io.kvasir.gateway.acl.User;
import io.kvasir.gateway.acl.Users;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandTable;
import org.jspecify.annotations.Nullable;

/**
 * The commands that a script finds, and which of them its user may call.
 *
 * @param user null for one who may do everything. The rights are those known where the script runs; there a user who is
 *     not known has none
 */
record CallableCommands(
        CommandTable table, Users users, @Nullable String user) {

    /** Returns why a call is not allowed, null if it is; a refusal is logged. */
    @Nullable
    Denial refusal(Command command, byte[][] words) {
        Denial denial = check(command, words);
        if (denial != null && user != null) {
            users.log().add(denial, AclLog.Context.LUA, user, "");
        }
        return denial;
    }

    /** Returns why a call would not be allowed, null if it would. */
    @Nullable
    Denial check(Command command, byte[][] words) {
        if (user == null) {
            return null;
        }
        User found = users.areKnown() ? users.find(user) : null;
        return found == null
                ? new Denial(Denial.Reason.COMMAND, command.spec().replyName())
                : found.check(command, words);
    }

    /** Returns the name that errors mention. */
    String userName() {
        return user == null ? User.DEFAULT : user;
    }
}
