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
    public static final CommandError NOT_NEGATABLE = new CommandError(
            "ERR value is out of range, value must between " + -Long.MAX_VALUE + " and " + Long.MAX_VALUE);
    public static final CommandError WRONG_TYPE =
            new CommandError("WRONGTYPE Operation against a key holding the wrong kind of value");
    public static final CommandError NO_SUCH_KEY = new CommandError("ERR no such key");

    private final transient Reply.Error reply;

    /** Makes an error whose text is {@code text}, prefix included; CR and LF become spaces, at its end nothing. */
    public CommandError(String text) {
        super(text, null, false, false);
        reply = new Reply.Error(withoutLineEnd(text).replace('\r', ' ').replace('\n', ' '));
    }

    /**
     * Returns "ERR wrong number of arguments for '{@code name}' command"; {@code name} as in
     * {@link CommandSpec#replyName}.
     */
    public static CommandError wrongArity(String name) {
        return new CommandError("ERR wrong number of arguments for '" + name + "' command");
    }

    /** Returns "ERR invalid expire time in '{@code name}' command". */
    public static CommandError invalidExpireTime(String name) {
        return new CommandError("ERR invalid expire time in '" + name + "' command");
    }

    /** Returns {@code text} as far as redis networking.c, addReplyErrorFormat, keeps it. */
    private static String withoutLineEnd(String text) {
        int end = text.length();
        while (end > 0 && (text.charAt(end - 1) == '\r' || text.charAt(end - 1) == '\n')) {
            end--;
        }
        return text.substring(0, end);
    }

    /** Returns the error's reply. */
    public Reply.Error reply() {
        return reply;
    }

    /**
     * Returns the text by which errors quote bytes of the user: as C's {@code %s} does, up to a byte 00, with one char
     * a byte, which the encoder of replies turns back into bytes.
     */
    public static String quote(byte[] bytes, int bytesMax) {
        int length = 0;
        while (length < Math.min(bytes.length, bytesMax) && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }
}
