package io.kvasir.gateway.session;

import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.time.TimestampSource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.function.Consumer;

/**
 * Has clients confirm calls that are intercepted. The first call is answered an error with a token. INTERCEPT CONFIRM
 * with the token, by the same user on the same connection and in time, lets the next call of the connection run if it
 * is the same one: the same words, in the same database. A token serves once, and a connection has one at a time.
 *
 * <p>Safe for any thread; nothing waits.
 */
public final class Confirmations {

    /** Bytes of a call that can be confirmed; digests are made on event loops. */
    static final int CALL_BYTES_MAX = 1 << 20;

    private static final int TOKEN_BYTES = 16;
    private static final int MILLIS_PER_SECOND = 1_000;
    private static final Reply.Error TOO_LONG = new Reply.Error(
            "CONFIRM this call must be confirmed, and one of more than " + CALL_BYTES_MAX + " bytes cannot be");
    private static final Reply.Error NO_TIME =
            new Reply.Error("TRYAGAIN the time is not known now, nothing can be confirmed");
    private static final Reply.Error WRONG =
            new Reply.Error("ERR nothing waits to be confirmed by this token on this connection, or it is too late");

    private final TimestampSource oracle;
    private final SecureRandom random = new SecureRandom();

    Confirmations(TimestampSource oracle) {
        this.oracle = oracle;
    }

    /** Returns whether the client has confirmed this call; what it confirmed is used up, whatever this call is. */
    public boolean take(Session session, byte[][] words) {
        Confirmation confirmation = session.confirmation();
        if (confirmation == null || confirmation.token() != null) {
            return false;
        }
        session.confirmation(null);
        return bytesOf(words) <= CALL_BYTES_MAX && confirmation.isFor(session.userName(), digest(session, words));
    }

    /**
     * Gives out a token for a call; {@code whenDone} gets the error that tells of it, on any thread.
     *
     * @param command as replies spell it
     */
    public void ask(Session session, String command, byte[][] words, int seconds, Consumer<Reply> whenDone) {
        if (bytesOf(words) > CALL_BYTES_MAX) {
            whenDone.accept(TOO_LONG);
            return;
        }
        String user = session.userName();
        byte[] call = digest(session, words);
        oracle.fetch(timestamp -> {
            if (timestamp == TimestampSource.UNAVAILABLE) {
                whenDone.accept(NO_TIME);
                return;
            }
            byte[] token = new byte[TOKEN_BYTES];
            random.nextBytes(token);
            String text = HexFormat.of().formatHex(token);
            long until = Timestamp.millis(timestamp) + (long) seconds * MILLIS_PER_SECOND;
            session.confirmation(new Confirmation(user, call, text, until));
            whenDone.accept(new Reply.Error("CONFIRM '" + command + "' must be confirmed: call INTERCEPT CONFIRM "
                    + text + " on this connection within " + seconds + " seconds, then the same command again"));
        });
    }

    /** Confirms the call that {@code token} was given out for; {@code whenDone} gets the reply on any thread. */
    void confirm(Session session, byte[] token, Consumer<Reply> whenDone) {
        Confirmation asked = session.confirmation();
        String wanted = asked == null ? null : asked.token();
        if (asked == null
                || wanted == null
                || !MessageDigest.isEqual(token, wanted.getBytes(StandardCharsets.US_ASCII))
                || !asked.user().equals(session.userName())) {
            whenDone.accept(WRONG);
            return;
        }
        oracle.fetch(timestamp -> {
            if (timestamp == TimestampSource.UNAVAILABLE) {
                whenDone.accept(NO_TIME);
            } else if (Timestamp.millis(timestamp) >= asked.untilMillis()) {
                session.confirmation(null);
                whenDone.accept(WRONG);
            } else {
                session.confirmation(asked.confirmed());
                whenDone.accept(Reply.OK);
            }
        });
    }

    private static long bytesOf(byte[][] words) {
        long bytes = 0;
        for (byte[] word : words) {
            bytes += word.length;
        }
        return bytes;
    }

    private static byte[] digest(Session session, byte[][] words) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(number(session.database()));
            for (byte[] word : words) {
                digest.update(number(word.length));
                digest.update(word);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every Java platform has SHA-256", impossible);
        }
    }

    private static byte[] number(int number) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    }
}
