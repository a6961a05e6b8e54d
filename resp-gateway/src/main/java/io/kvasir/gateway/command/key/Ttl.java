package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/**
 * {@code TTL}, {@code PTTL}, {@code EXPIRETIME} and {@code PEXPIRETIME key}: how long the key has still, or when it
 * expires; -1 if it has no expiry, -2 if there is no key.
 */
public record Ttl(Form form, int database, byte[] key) implements DataCommand.OfKey {

    private static final Reply NO_KEY = Reply.of(-2);
    private static final Reply NO_EXPIRY = Reply.of(-1);

    /** The four commands. */
    public enum Form {
        TTL("1.0.0", 1_000, true),
        PTTL("2.6.0", 1, true),
        EXPIRETIME("7.0.0", 1_000, false),
        PEXPIRETIME("7.0.0", 1, false);

        private final CommandSpec spec;
        private final int unitMillis;
        private final boolean relative;

        Form(String since, int unitMillis, boolean relative) {
            this.spec = CommandSpec.of(name(), 2, since)
                    .flags(CommandFlag.READONLY, CommandFlag.FAST)
                    .categories(AclCategory.KEYSPACE)
                    .key(KeySpec.Access.READ);
            this.unitMillis = unitMillis;
            this.relative = relative;
        }

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(spec, arguments -> new Ttl(this, arguments.database(), arguments.nextKey()));
        }
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public Reply execute(Transaction transaction) {
        Entry entry = Keyspace.of(transaction, database).open(key);
        if (!entry.exists()) {
            return NO_KEY;
        }
        long expiryMillis = entry.expiryMillis();
        if (expiryMillis == 0) {
            return NO_EXPIRY;
        }
        long millis = form.relative ? Math.max(0, expiryMillis - transaction.timeMillis()) : expiryMillis;
        // Seconds are rounded to the nearest, as in redis expire.c, ttlGenericCommand; half a second may be too much
        // for
        // a signed sum.
        return Reply.of(form.unitMillis == 1 ? millis : Long.divideUnsigned(millis + 500, form.unitMillis));
    }
}
