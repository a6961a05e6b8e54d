package io.kvasir.gateway.command.string;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.region.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * What a command does to the expiry of the key it writes (redis t_string.c, parseExtendedStringArgumentsOrReply).
 *
 * @param amountMillis with AFTER a duration, with AT a time since the Unix epoch, both above 0; else 0
 */
record Expiry(Kind kind, long amountMillis) {

    static final Expiry NONE = new Expiry(Kind.NONE, 0);

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

        private final Kind kind;
        private final int unitMillis;

        Unit(Kind kind, int unitMillis) {
            this.kind = kind;
            this.unitMillis = unitMillis;
        }
    }

    /**
     * Returns the expiry {@code amount} of {@code unit}.
     *
     * @param command the command's name in lower case
     * @throws CommandError if it is not an integer above 0, or too large
     */
    static Expiry of(Unit unit, byte[] amount, String command) throws CommandError {
        long value = NumberText.parseLong(amount);
        if (value <= 0 || value > Long.MAX_VALUE / unit.unitMillis) {
            throw CommandError.invalidExpireTime(command);
        }
        return new Expiry(unit.kind, value * unit.unitMillis);
    }

    /**
     * Returns the expiry that the key gets.
     *
     * @param current its expiry so far
     * @throws CommandError if the time is beyond all numbers
     */
    long resolve(Transaction transaction, long current, String command) throws CommandError {
        return switch (kind) {
            case NONE, PERSIST -> 0;
            case KEEP -> current;
            case AT -> amountMillis;
            case AFTER -> {
                long millis = transaction.timeMillis() + amountMillis;
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

        /**
         * @param flag the option without amount that the command takes: KEEP or PERSIST
         */
        Reader(Kind flag) {
            this.flag = flag;
        }

        /** Reads the next word or two if they are an option that may follow those read; returns whether they were. */
        boolean accept(Arguments arguments) throws CommandError {
            if (unit == null && arguments.accept(flag == Kind.KEEP ? "KEEPTTL" : "PERSIST")) {
                flagged = true;
                return true;
            }
            for (Unit candidate : Unit.values()) {
                boolean free = !flagged && (unit == null || unit == candidate);
                if (free && arguments.remaining() > 1 && arguments.accept(candidate.name())) {
                    unit = candidate;
                    amount = arguments.next();
                    return true;
                }
            }
            return false;
        }

        /** Returns what was read; {@code command} is its name in lower case. */
        Expiry result(String command) throws CommandError {
            Unit chosen = unit;
            return chosen != null ? of(chosen, amount, command) : flagged ? new Expiry(flag, 0) : NONE;
        }
    }
}
