package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/**
 * {@code EXPIRE}, {@code PEXPIRE}, {@code EXPIREAT} and {@code PEXPIREAT} {@code key time [NX] [XX] [GT] [LT]}: 1 if
 * the key has that expiry now, or is gone because it lies in the past (redis expire.c, expireGenericCommand).
 *
 * @param amount relative or absolute time in the unit of {@code form}
 */
public record Expire(Form form, int database, byte[] key, long amount, Conditions conditions)
        implements DataCommand.OfKey {

    /** The four commands. */
    public enum Form {
        EXPIRE("1.0.0", 1_000, true),
        PEXPIRE("2.6.0", 1, true),
        EXPIREAT("1.2.0", 1_000, false),
        PEXPIREAT("2.6.0", 1, false);

        private final CommandSpec spec;
        private final int unitMillis;
        private final boolean relative;

        Form(String since, int unitMillis, boolean relative) {
            this.spec = CommandSpec.of(name(), -3, since)
                    .flags(CommandFlag.WRITE, CommandFlag.FAST)
                    .categories(AclCategory.KEYSPACE)
                    .key(KeySpec.Access.READ_WRITE);
            this.unitMillis = unitMillis;
            this.relative = relative;
        }

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(spec, arguments -> parse(this, arguments));
        }
    }

    /** The options: all that are set must hold. */
    record Conditions(boolean onlyWithout, boolean onlyWith, boolean onlyLater, boolean onlyEarlier) {

        static Conditions parse(Arguments arguments) throws CommandError {
            boolean nx = false;
            boolean xx = false;
            boolean gt = false;
            boolean lt = false;
            while (arguments.hasNext()) {
                if (arguments.accept("NX")) {
                    nx = true;
                } else if (arguments.accept("XX")) {
                    xx = true;
                } else if (arguments.accept("GT")) {
                    gt = true;
                } else if (arguments.accept("LT")) {
                    lt = true;
                } else {
                    byte[] word = arguments.next();
                    throw new CommandError("ERR Unsupported option " + CommandError.quote(word, word.length));
                }
            }
            if (nx && (xx || gt || lt)) {
                throw new CommandError("ERR NX and XX, GT or LT options at the same time are not compatible");
            }
            if (gt && lt) {
                throw new CommandError("ERR GT and LT options at the same time are not compatible");
            }
            return new Conditions(nx, xx, gt, lt);
        }

        /**
         * Returns whether a key with expiry {@code current} (0: none, which counts as later than all) may get
         * {@code next}.
         */
        boolean allow(long current, long next) {
            boolean expires = current != 0;
            return !(onlyWithout && expires)
                    && !(onlyWith && !expires)
                    && !(onlyLater && (!expires || next <= current))
                    && !(onlyEarlier && expires && next >= current);
        }
    }

    private static Expire parse(Form form, Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        byte[] time = arguments.next();
        Conditions conditions = Conditions.parse(arguments);
        long amount = NumberText.parseLong(time);
        if (amount > Long.MAX_VALUE / form.unitMillis || amount < Long.MIN_VALUE / form.unitMillis) {
            throw CommandError.invalidExpireTime(form.spec.replyName());
        }
        return new Expire(form, arguments.database(), key, amount, conditions);
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        long millis = amount * form.unitMillis;
        if (form.relative) {
            long now = transaction.timeMillis();
            if (millis > Long.MAX_VALUE - now) {
                throw CommandError.invalidExpireTime(form.spec.replyName());
            }
            millis += now;
        }
        Entry entry = Keyspace.of(transaction, database).open(key);
        if (!entry.exists() || !conditions.allow(entry.expiryMillis(), millis)) {
            return Reply.ZERO;
        }
        if (millis <= 0 || transaction.hasPassed(millis)) {
            entry.remove();
            entry.event(KeyspaceEvent.DEL);
        } else {
            entry.setExpiry(millis);
            entry.event(KeyspaceEvent.EXPIRE);
        }
        return Reply.ONE;
    }
}
