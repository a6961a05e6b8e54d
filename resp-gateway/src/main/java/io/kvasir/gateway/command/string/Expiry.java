package io.kvasir.gateway.command.string;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.region.Transaction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a command does to the expiry of the key it writes (redis t_string.c, parseExtendedStringArgumentsOrReply). The
 * amount is looked at when the command runs, because GETEX of an absent key never does.
 *
 * @param unitMillis with AFTER and AT the unit of {@code amount} in ms, else 0
 * @param amount with AFTER a duration, with AT a time since the Unix epoch, as the user wrote it; else empty
 */
record Expiry(Kind kind, int unitMillis, byte[] amount) {

    static final Expiry NONE = new Expiry(Kind.NONE, 0, new byte[0]);

    enum Kind {
        NONE,
        KEEP,
        PERSIST,
        AFTER,
        AT
    }

    /** The unit that an option's word says: EX, PX, EXAT, PXAT. */
    enum Unit {
        EX(Kind.AFTER, 1_000),
        PX(Kind.AFTER, 1),
        EXAT(Kind.AT, 1_000),
        PXAT(Kind.AT, 1);

        private static final List<Unit> ALL = List.of(values());

        private final Kind kind;
        private final int unitMillis;

        Unit(Kind kind, int unitMillis) {
            this.kind = kind;
            this.unitMillis = unitMillis;
        }
    }

    /** Returns the expiry {@code amount} of {@code unit}. */
    static Expiry of(Unit unit, byte[] amount) {
        return new Expiry(unit.kind, unit.unitMillis, amount);
    }

    /** Returns whether this gives the key an expiry of its own. */
    boolean sets() {
        return kind == Kind.AFTER || kind == Kind.AT;
    }

    /**
     * Returns the expiry that the key gets, in ms since the Unix epoch, 0 for none.
     *
     * @param current its expiry so far
     * @param command the command's name in lower case
     * @throws CommandError if the amount is not an integer above 0, or too large
     */
    long resolve(Transaction transaction, long current, String command) throws CommandError {
        return switch (kind) {
            case NONE, PERSIST -> 0;
            case KEEP -> current;
            case AFTER, AT -> {
                long value = NumberText.parseLong(amount);
                if (value <= 0 || value > Long.MAX_VALUE / unitMillis) {
                    throw CommandError.invalidExpireTime(command);
                }
                long millis = value * unitMillis + (kind == Kind.AFTER ? transaction.timeMillis() : 0);
                if (millis <= 0) {
                    throw CommandError.invalidExpireTime(command);
                }
                yield millis;
            }
        };
    }

    /** Reads the options of one command that concern the expiry. Confined to the thread that parses. */
    static final class Reader {

        private final Kind flag;
        private boolean flagged;
        private @Nullable Unit unit;
        private byte[] amount = new byte[0];

        /** @param flag the option without amount that the command takes: KEEP or PERSIST */
        Reader(Kind flag) {
            this.flag = flag;
        }

        /** Reads the next word or two if they are an option that may follow those read; returns whether they were. */
        boolean accept(Arguments arguments) throws CommandError {
            if (unit == null && arguments.accept(flag == Kind.KEEP ? "KEEPTTL" : "PERSIST")) {
                flagged = true;
                return true;
            }
            for (Unit candidate : Unit.ALL) {
                boolean free = !flagged && (unit == null || unit == candidate);
                if (free && arguments.remaining() > 1 && arguments.accept(candidate.name())) {
                    unit = candidate;
                    amount = arguments.next();
                    return true;
                }
            }
            return false;
        }

        /** Returns what was read. */
        Expiry result() {
            Unit chosen = unit;
            return chosen != null ? of(chosen, amount) : flagged ? new Expiry(flag, 0, NONE.amount) : NONE;
        }
    }
}
