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

    /** Returns {@code words} with the command's own name first, null if the user knows none by the name there. */
    byte @Nullable [][] named(byte[][] words) {
        return user == null || users.intercepts().isEmpty()
                ? words
                : users.intercepts().named(user, words);
    }

    /** Returns why a call would not be allowed, null if it would. */
    @Nullable
    Denial check(Command command, byte[][] words) {
        if (user == null) {
            return null;
        }
        User found = users.areKnown() ? users.find(user) : null;
        if (found == null) {
            return new Denial(Denial.Reason.COMMAND, command.spec().replyName());
        }
        Denial denial = found.check(command, words);
        return denial == null ? users.intercepts().denial(user, command.spec()) : denial;
    }

    /** Returns the name that errors mention. */
    String userName() {
        return user == null ? User.DEFAULT : user;
    }
}
