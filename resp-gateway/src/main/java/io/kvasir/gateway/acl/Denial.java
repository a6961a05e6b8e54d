package io.kvasir.gateway.acl;

import io.kvasir.proto.reply.Reply;

/**
 * Why a user may not do something.
 *
 * @param reason what is missing; of several selectors, the one that came furthest says it
 * @param object the command, key or channel, one char a byte
 */
public record Denial(Reason reason, String object) {

    /** What may be missing, in the order of the checks. */
    public enum Reason {
        COMMAND,
        KEY,
        CHANNEL,
        AUTH,
        TLS_CERT,
        /** The call is intercepted, and denied. */
        INTERCEPT,
        /** The call is intercepted, and has to be confirmed. */
        CONFIRM;

        /** Returns the reason as ACL LOG spells it. */
        public String logName() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    /** Returns what {@code user} reads of it: of keys and channels not which (redis acl.c, getAclErrorMessage). */
    public String text(String user) {
        return switch (reason) {
            case COMMAND -> describe(user);
            case KEY -> "No permissions to access a key";
            case CHANNEL -> "No permissions to access a channel";
            case INTERCEPT, CONFIRM -> describe(user);
            case AUTH, TLS_CERT -> throw new IllegalStateException("not an answer to a command");
        };
    }

    /** Returns what an administrator reads who asks in the place of {@code user}. */
    public String describe(String user) {
        return "User " + user
                + switch (reason) {
                    case COMMAND -> " has no permissions to run the '" + object + "' command";
                    case KEY -> " has no permissions to access the '" + object + "' key";
                    case CHANNEL -> " has no permissions to access the '" + object + "' channel";
                    case INTERCEPT -> " is denied the '" + object + "' command, which is intercepted";
                    case CONFIRM -> " has to confirm the '" + object + "' command, which is not possible here";
                    case AUTH, TLS_CERT -> throw new IllegalStateException("not an answer to a command");
                };
    }

    /** Returns what the user reads at EXEC (redis multi.c, execCommand). */
    public String ruleText() {
        return switch (reason) {
            case COMMAND -> "no permission to execute the command or subcommand";
            case KEY -> "no permission to touch the specified keys";
            case CHANNEL -> "no permission to access one of the channels used as arguments";
            case INTERCEPT, CONFIRM -> "the command is intercepted";
            case AUTH, TLS_CERT -> throw new IllegalStateException("not an answer to a command");
        };
    }

    /** Returns the reply to the command that was refused. */
    public Reply.Error reply(String user) {
        return new Reply.Error("NOPERM " + text(user).replace('\r', ' ').replace('\n', ' '));
    }
}
