package io.kvasir.gateway.command.set;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.SetOperation;
import io.kvasir.gateway.type.SetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;

/** {@code SUNION}, {@code SINTER} and {@code SDIFF key …}: the members of all, of each, of the first alone. */
public record SCombine(Form form, int database, byte[][] keys) implements DataCommand.OfKeys {

    /** The three commands. */
    public enum Form {
        SUNION(SetOperation.UNION),
        SINTER(SetOperation.INTERSECTION),
        SDIFF(SetOperation.DIFFERENCE);

        private final SetOperation operation;
        private final CommandSpec spec;

        Form(SetOperation operation) {
            this.operation = operation;
            spec = CommandSpec.of(name(), -2, "1.0.0")
                    .flags(CommandFlag.READONLY)
                    .categories(AclCategory.SET)
                    .keys(1, -1, 1, KeySpec.Access.READ);
        }

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(
                    spec,
                    arguments -> new SCombine(this, arguments.database(), arguments.nextKeys(arguments.remaining())));
        }
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        List<SetValue> sets = open(Keyspace.of(transaction, database), keys);
        List<Reply> found = new ArrayList<>();
        form.operation.run(sets, member -> found.add(Reply.bulk(member)));
        return new Reply.SetOf(found);
    }

    /** Opens each of {@code keys} as a set, perhaps absent. */
    static List<SetValue> open(Keyspace keyspace, byte[][] keys) throws CommandError {
        List<SetValue> sets = new ArrayList<>(keys.length);
        for (byte[] key : keys) {
            sets.add(SetValue.open(keyspace, key));
        }
        return sets;
    }
}
