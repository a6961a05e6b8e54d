package io.kvasir.gateway.command.hash;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.HashValue;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;

/** {@code HGETALL}, {@code HKEYS} and {@code HVALS key}: all fields and values, all fields, all values. */
public record HGetAll(Form form, int database, byte[] key) implements DataCommand.OfKey {

    /** The three commands. */
    public enum Form {
        HGETALL,
        HKEYS,
        HVALS;

        private final CommandSpec spec = CommandSpec.of(name(), 2, "2.0.0")
                .flags(CommandFlag.READONLY)
                .categories(AclCategory.HASH)
                .key(KeySpec.Access.READ);

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(spec, arguments -> new HGetAll(this, arguments.database(), arguments.nextKey()));
        }
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        List<Reply> found = new ArrayList<>();
        HashValue.open(Keyspace.of(transaction, database), key).forEach((field, value) -> {
            if (form != Form.HVALS) {
                found.add(Reply.bulk(field));
            }
            if (form != Form.HKEYS) {
                found.add(Reply.bulk(value));
            }
            return true;
        });
        return form == Form.HGETALL ? new Reply.MapOf(found) : Reply.array(found);
    }
}
