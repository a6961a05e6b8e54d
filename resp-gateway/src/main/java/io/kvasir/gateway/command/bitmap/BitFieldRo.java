package io.kvasir.gateway.command.bitmap;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Bits;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;

/** {@code BITFIELD_RO key [GET type offset ...]}: BITFIELD that only reads. */
public record BitFieldRo(int database, byte[] key, List<FieldOperation> operations) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("BITFIELD_RO", -2, "6.0.0")
            .flags(CommandFlag.READONLY, CommandFlag.FAST)
            .categories(AclCategory.BITMAP)
            .key(KeySpec.Access.READ);

    private static final CommandError WRITES = new CommandError("ERR BITFIELD_RO only supports the GET subcommand");

    public static BitFieldRo parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        List<FieldOperation> operations = FieldOperation.parse(arguments);
        if (operations.stream().anyMatch(FieldOperation::writes)) {
            throw WRITES;
        }
        return new BitFieldRo(arguments.database(), key, operations);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Bits bits = new Bits(Keyspace.of(transaction, database).string(key));
        List<Reply> replies = new ArrayList<>(operations.size());
        for (FieldOperation operation : operations) {
            replies.add(Reply.of(operation.read(bits)));
        }
        return Reply.array(replies);
    }
}
