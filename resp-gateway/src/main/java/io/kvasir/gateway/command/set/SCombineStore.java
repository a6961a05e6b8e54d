package io.kvasir.gateway.command.set;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.SetOperation;
import io.kvasir.gateway.type.SetValue;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code SUNIONSTORE}, {@code SINTERSTORE} and {@code SDIFFSTORE destination key …}: replaces the destination, whatever
 * it held, by what {@link SCombine} answers; the number of members.
 */
public record SCombineStore(Form form, int database, Thresholds thresholds, byte[] destination, byte[][] keys)
        implements DataCommand {

    /** The three commands. */
    public enum Form {
        SUNIONSTORE(SetOperation.UNION, KeyspaceEvent.SUNIONSTORE),
        SINTERSTORE(SetOperation.INTERSECTION, KeyspaceEvent.SINTERSTORE),
        SDIFFSTORE(SetOperation.DIFFERENCE, KeyspaceEvent.SDIFFSTORE);

        private final SetOperation operation;
        private final KeyspaceEvent event;
        private final CommandSpec spec;

        Form(SetOperation operation, KeyspaceEvent event) {
            this.operation = operation;
            this.event = event;
            spec = CommandSpec.of(name(), -3, "1.0.0")
                    .flags(CommandFlag.WRITE, CommandFlag.DENYOOM)
                    .categories(AclCategory.SET)
                    .key(KeySpec.Access.WRITE)
                    .keys(2, -1, 1, KeySpec.Access.READ);
        }

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(spec, this::parse);
        }

        private SCombineStore parse(Arguments arguments) throws CommandError {
            byte[] destination = arguments.nextKey();
            byte[][] keys = arguments.nextKeys(arguments.remaining());
            return new SCombineStore(this, arguments.database(), arguments.thresholds(), destination, keys);
        }
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public List<byte[]> userKeys() {
        List<byte[]> all = new ArrayList<>(1 + keys.length);
        all.add(destination);
        all.addAll(Arrays.asList(keys));
        return all;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database, thresholds);
        List<SetValue> sets = SCombine.open(keyspace, keys);
        Entry target = keyspace.open(destination);
        boolean existed = target.exists();
        long count = form.operation.store(sets, target);
        if (count > 0) {
            target.event(form.event);
        } else if (existed) {
            target.event(KeyspaceEvent.DEL);
        }
        return Reply.of(count);
    }
}
