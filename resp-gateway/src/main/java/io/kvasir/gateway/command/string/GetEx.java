package io.kvasir.gateway.command.string;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.StringValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code GETEX key [EX s | PX ms | EXAT s | PXAT ms | PERSIST]}: returns the value and sets its expiry. */
public record GetEx(int database, byte[] key, Expiry expiry) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("GETEX", -2, "6.2.0")
            .flags(CommandFlag.WRITE, CommandFlag.FAST)
            .categories(AclCategory.STRING)
            .key(KeySpec.Access.READ_WRITE);

    public static GetEx parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        Expiry.Reader expiry = new Expiry.Reader(Expiry.Kind.PERSIST);
        while (arguments.hasNext()) {
            if (!expiry.accept(arguments)) {
                throw CommandError.SYNTAX;
            }
        }
        return new GetEx(arguments.database(), key, expiry.result());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        StringValue string = Keyspace.of(transaction, database).string(key);
        if (!string.exists()) {
            return Reply.NULL;
        }
        Entry entry = string.entry();
        long expiryMillis = expiry.resolve(transaction, entry.expiryMillis(), "getex");
        Reply value = Reply.bulk(string.bytes());
        switch (expiry.kind()) {
            case NONE, KEEP -> {}
            case PERSIST -> {
                if (entry.expiryMillis() != 0) {
                    entry.setExpiry(0);
                    entry.event(KeyspaceEvent.PERSIST);
                }
            }
            case AFTER, AT -> {
                if (transaction.hasPassed(expiryMillis)) {
                    entry.remove();
                    entry.event(KeyspaceEvent.DEL);
                } else {
                    entry.setExpiry(expiryMillis);
                    entry.event(KeyspaceEvent.EXPIRE);
                }
            }
        }
        return value;
    }
}
