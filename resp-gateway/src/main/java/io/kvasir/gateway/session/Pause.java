package io.kvasir.gateway.session;

import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandFlag;

/**
 * Whether clients have to wait, as CLIENT PAUSE orders it. Safe for any thread: one immutable order stands at a time.
 *
 * @param untilNanos when it ends, as a reading of the monotonic clock
 * @param writesOnly whether only commands that may write wait
 */
public record Pause(long untilNanos, boolean writesOnly) {

    /** Returns whether EXEC of commands of which some may write, or none, has to wait at {@code nowNanos}. */
    public boolean holdsExec(boolean writes, long nowNanos) {
        return untilNanos - nowNanos > 0 && (writes || !writesOnly);
    }

    /** Returns whether {@code command} has to wait at {@code nowNanos}. */
    public boolean holds(Command command, long nowNanos) {
        if (untilNanos - nowNanos <= 0) {
            return false;
        }
        return !writesOnly
                || command.spec().is(CommandFlag.WRITE)
                || command.spec().is(CommandFlag.MAY_REPLICATE);
    }
}
