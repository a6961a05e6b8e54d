package io.kvasir.gateway.command;

import io.kvasir.proto.reply.Reply;
import java.nio.charset.StandardCharsets;

/** The user's error, as the reply that reports it. Carries no stack trace: it is an answer, not a fault. */
public final class CommandError extends Exception {

    private static final long serialVersionUID = 1;

    public static final CommandError SYNTAX = new CommandError("ERR syntax error");
    public static final CommandError NOT_AN_INTEGER = new CommandError("ERR value is not an integer or out of range");
    public static final CommandError NOT_A_FLOAT = new CommandError("ERR value is not a valid float");
    public static final CommandError OUT_OF_RANGE = new CommandError("ERR value is out of range");
    public static final CommandError NOT_POSITIVE = new CommandError("ERR value is out of range, must be positive");
    public static final CommandError WRONG_TYPE =
            new CommandError("WRONGTYPE Operation against a key holding the wrong kind of value");
    public static final CommandError NO_SUCH_KEY = new CommandError("ERR no such key");

    private final transient Reply.Error reply;

    /** Makes an error whose text is {@code text}, prefix included; CR and LF in it become spaces. */
    public CommandError(String text) {
        super(text, null, false, false);
        reply = new Reply.Error(text.replace('\r', ' ').replace('\n', ' '));
    }

    /** Returns "ERR wrong number of arguments for '{@code name}' command"; {@code name} as in {@link CommandSpec#replyName}. */
    public static CommandError wrongArity(String name) {
        return new CommandError("ERR wrong number of arguments for '" + name + "' command");
    }

    /** Returns "ERR invalid expire time in '{@code name}' command". */
    public static CommandError invalidExpireTime(String name) {
        return new CommandError("ERR invalid expire time in '" + name + "' command");
    }

    /** Returns the error's reply. */
    public Reply.Error reply() {
        return reply;
    }

    /** Returns the text by which errors quote bytes of the user. */
    static String quote(byte[] bytes, int bytesMax) {
        return new String(bytes, 0, Math.min(bytes.length, bytesMax), StandardCharsets.UTF_8);
    }
}
