package io.kvasir.gateway.lua;

import org.jspecify.annotations.Nullable;

/**
 * An error of a script, caught by {@code pcall} or by whoever runs the script. An error raised by a library function
 * has no position until it reaches the call in the script that it came from.
 */
@SuppressWarnings("serial") // never serialized
public final class LuaError extends RuntimeException {

    /** What is to be put before the message. */
    private enum Position {
        /** The line that called the library function. */
        OF_CALLER,
        /** The line that used the operator, nothing if that was a library function. */
        OF_OPERATOR,
        SETTLED
    }

    private @Nullable Object value;
    private Position position;
    private @Nullable Where origin;

    /** Makes an error of a library function; the position of the calling line is put before {@code message}. */
    public LuaError(String message) {
        this(LuaString.of(message), Position.OF_CALLER);
    }

    LuaError(LuaString message) {
        this(message, Position.OF_CALLER);
    }

    private LuaError(@Nullable Object value, Position position) {
        super(null, null, false, false);
        this.value = value;
        this.position = position;
    }

    /** Returns an error of an operator, whose position is told only if a line of a script used the operator. */
    static LuaError ofOperator(String message) {
        return new LuaError(LuaString.of(message), Position.OF_OPERATOR);
    }

    /** Returns an error with the value {@code value}, as {@code error(value, 0)} raises it. */
    public static LuaError ofValue(@Nullable Object value) {
        return new LuaError(value, Position.SETTLED);
    }

    /** A library function called at {@code where} raised this. */
    void raisedByLibrary(Where where) {
        if (position == Position.OF_OPERATOR) {
            position = Position.SETTLED;
        }
        locate(where);
    }

    /** Puts the position of {@code where} before the message, unless its position is settled. */
    void locate(Where where) {
        if (origin == null) {
            origin = where;
        }
        if (position != Position.SETTLED) {
            position = Position.SETTLED;
            if (value instanceof LuaString message) {
                value = Texts.concat(LuaString.of(where.prefix()), message);
            }
        }
    }

    /** Returns the line of the script that was running when the error was raised, 0 if none was. */
    public int line() {
        return origin == null ? 0 : origin.line();
    }

    /** The function was called from no line of a script. */
    void leaveUnlocated() {
        position = Position.SETTLED;
    }

    /** Returns the value raised. */
    public @Nullable Object value() {
        return value;
    }

    @Override
    public String getMessage() {
        return String.valueOf(value);
    }
}
