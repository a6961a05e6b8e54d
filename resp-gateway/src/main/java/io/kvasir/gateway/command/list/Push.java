package io.kvasir.gateway.command.list;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.ListValue;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/**
 * {@code LPUSH | RPUSH key element …}: the new length, each element in turn put at the end. {@code LPUSHX} and
 * {@code RPUSHX} do so only if there is a list, and answer 0 else.
 */
public record Push(Form form, int database, Thresholds thresholds, byte[] key, byte[][] elements)
        implements DataCommand.OfKey {

    /** The four commands. */
    public enum Form {
        LPUSH(ListEnd.LEFT, false, "1.0.0"),
        RPUSH(ListEnd.RIGHT, false, "1.0.0"),
        LPUSHX(ListEnd.LEFT, true, "2.2.0"),
        RPUSHX(ListEnd.RIGHT, true, "2.2.0");

        private final ListEnd end;
        private final boolean existing;
        private final CommandSpec spec;

        Form(ListEnd end, boolean existing, String since) {
            this.end = end;
            this.existing = existing;
            spec = CommandSpec.of(name(), -3, since)
                    .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.FAST)
                    .categories(AclCategory.LIST)
                    .key(KeySpec.Access.READ_WRITE);
        }

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(
                    spec,
                    arguments -> new Push(
                            this, arguments.database(), arguments.thresholds(), arguments.nextKey(), arguments.rest()));
        }
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        ListValue list = ListValue.open(Keyspace.of(transaction, database, thresholds), key);
        if (form.existing && list.size() == 0) {
            return Reply.ZERO;
        }
        list.push(form.end.isLeft(), elements);
        list.claim();
        list.store();
        list.entry().event(form.end.pushed());
        return Reply.of(list.size());
    }
}
