package io.kvasir.gateway.session;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A call that a client was asked to confirm; never changed.
 *
 * @param user who made it
 * @param call the digest of the call
 * @param token null once it was given: the call is confirmed
 * @param untilMillis the oracle's time from which on it cannot be confirmed, in ms since the Unix epoch
 */
record Confirmation(String user, byte[] call, @Nullable String token, long untilMillis) {

    boolean isFor(String whose, byte[] other) {
        return token == null && user.equals(whose) && Arrays.equals(call, other);
    }

    Confirmation confirmed() {
        return new Confirmation(user, call, null, untilMillis);
    }
}
