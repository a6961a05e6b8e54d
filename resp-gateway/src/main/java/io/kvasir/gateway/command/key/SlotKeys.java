package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.RangeCommand;
import io.kvasir.gateway.command.Ranges;
import io.kvasir.gateway.type.KeyPosition;
import io.kvasir.proto.key.Slot;
import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code CLUSTER COUNTKEYSINSLOT slot} and {@code CLUSTER GETKEYSINSLOT slot count}: the keys of a slot, whichever node
 * leads it. Read page by page, as KEYS does.
 *
 * @param most how many keys are wanted at most
 */
public record SlotKeys(Form form, int database, int slot, long most) implements RangeCommand {

    private static final byte[] ANY = {'*'};
    private static final CommandError NO_SLOT = new CommandError("ERR Invalid slot");
    private static final CommandError NO_SLOT_OR_COUNT = new CommandError("ERR Invalid slot or number of keys");

    /** The two commands. */
    public enum Form {
        COUNTKEYSINSLOT(3),
        GETKEYSINSLOT(4);

        private final CommandSpec spec;

        Form(int arity) {
            spec = CommandSpec.of("CLUSTER " + name(), arity, "3.0.0").flags(CommandFlag.STALE);
        }

        /** Returns the row of this command. */
        public Command row() {
            return new Command.RangeByRange(spec, arguments -> parse(this, arguments), KeyPage.procedure(spec));
        }
    }

    private static SlotKeys parse(Form form, Arguments arguments) throws CommandError {
        long slot = arguments.nextLong();
        boolean outside = slot < 0 || slot >= Slot.COUNT;
        if (form == Form.COUNTKEYSINSLOT) {
            if (outside) {
                throw NO_SLOT;
            }
            return new SlotKeys(form, arguments.database(), (int) slot, Long.MAX_VALUE);
        }
        long most = arguments.nextLong();
        if (outside || most < 0) {
            throw NO_SLOT_OR_COUNT;
        }
        return new SlotKeys(form, arguments.database(), (int) slot, most);
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public Reply run(Ranges ranges) throws CommandError {
        KeyPages pages = new KeyPages(ranges, form.spec, database, new KeyPosition(slot, 0), ANY, Optional.empty());
        List<Reply> found = new ArrayList<>();
        long counted = 0;
        while (!pages.position().isEnd() && pages.position().slot() == slot && counted < most) {
            List<Reply> page = new ArrayList<>();
            pages.next(Math.min(most - counted, KeyPage.STEPS_MAX), page);
            for (Reply key : page) {
                if (counted < most && key instanceof Reply.Bulk(byte[] name) && Slot.of(name) == slot) {
                    counted++;
                    if (form == Form.GETKEYSINSLOT) {
                        found.add(key);
                    }
                }
            }
        }
        return form == Form.GETKEYSINSLOT ? Reply.array(found) : Reply.of(counted);
    }
}
