package io.kvasir.gateway.acl;

/** Why a rule is none, in Redis' words. Carries no stack trace. */
final class RuleError extends Exception {

    private static final long serialVersionUID = 1;

    static final RuleError UNKNOWN_COMMAND = new RuleError("Unknown command or category name in ACL");
    static final RuleError SYNTAX = new RuleError("Syntax error");
    static final RuleError KEYS_AFTER_ALL = new RuleError(
            "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any"
                    + " effect. Try 'resetkeys' to start with an empty list of patterns");
    static final RuleError CHANNELS_AFTER_ALL = new RuleError(
            "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have"
                    + " any effect. Try 'resetchannels' to start with an empty list of channels");
    static final RuleError NO_SUCH_PASSWORD =
            new RuleError("The password you are trying to remove from the user does not exist");
    static final RuleError BAD_HASH = new RuleError(
            "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters");
    static final RuleError FIRST_ARGUMENT_OF_SUBCOMMAND =
            new RuleError("Allowing first-arg of a subcommand is not supported");

    private RuleError(String text) {
        super(text, null, false, false);
    }

    /** Returns the text. */
    String text() {
        return String.valueOf(getMessage());
    }
}
