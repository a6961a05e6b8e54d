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
import io.kvasir.gateway.type.RootType;
import io.kvasir.gateway.type.StringValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/** {@code SET key value [NX | XX] [GET] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL]}. */
public record Set(int database, byte[] key, byte[] value, Condition condition, boolean get, Expiry expiry)
        implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("SET", -3, "1.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM)
            .categories(AclCategory.STRING)
            .key(KeySpec.Access.READ_WRITE);

    /** Which keys are written: all, absent ones, existing ones. */
    enum Condition {
        ALWAYS,
        NX,
        XX
    }

    public static Set parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        byte[] value = arguments.next();
        Condition condition = Condition.ALWAYS;
        boolean get = false;
        Expiry.Reader expiry = new Expiry.Reader(Expiry.Kind.KEEP);
        while (arguments.hasNext()) {
            if (condition != Condition.XX && arguments.accept("NX")) {
                condition = Condition.NX;
            } else if (condition != Condition.NX && arguments.accept("XX")) {
                condition = Condition.XX;
            } else if (arguments.accept("GET")) {
                get = true;
            } else if (!expiry.accept(arguments)) {
                throw CommandError.SYNTAX;
            }
        }
        return new Set(arguments.database(), key, value, condition, get, expiry.result());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Entry entry = Keyspace.of(transaction, database).open(key);
        long expiryMillis = expiry.resolve(transaction, entry.expiryMillis(), "set");
        Reply old = get ? read(entry) : Reply.NULL;
        boolean writes =
                switch (condition) {
                    case ALWAYS -> true;
                    case NX -> !entry.exists();
                    case XX -> entry.exists();
                };
        if (!writes) {
            return old;
        }
        StringValue.replace(entry, value, expiryMillis);
        entry.event(KeyspaceEvent.SET);
        if (expiry.sets()) {
            entry.event(KeyspaceEvent.EXPIRE);
        }
        return get ? old : Reply.OK;
    }

    private static Reply read(Entry entry) throws CommandError {
        StringValue value = StringValue.of(entry.require(RootType.STRING));
        return value.exists() ? Reply.bulk(value.bytes()) : Reply.NULL;
    }
}
