package io.kvasir.gateway.command.hyperloglog;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.hyperloglog.HyperLogLog;
import io.kvasir.gateway.type.HyperLogLogValue;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * {@code PFDEBUG GETREG | DECODE | ENCODING | TODENSE key}: the registers, which makes the HyperLogLog dense; the
 * opcodes of a sparse one; its form; 1 if it was made dense.
 */
public record PfDebug(int database, byte[] subcommand, byte[] key) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("PFDEBUG", 3, "2.8.9")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.ADMIN)
            .categories(AclCategory.HYPERLOGLOG)
            .keys(2, 2, 1, KeySpec.Access.READ_WRITE);

    private static final CommandError NO_KEY = new CommandError("ERR The specified key does not exist");
    private static final CommandError NOT_SPARSE = new CommandError("ERR HLL encoding is not sparse");
    private static final int QUOTED_BYTES_MAX = 1_024;

    public static PfDebug parse(Arguments arguments) throws CommandError {
        return new PfDebug(arguments.database(), arguments.next(), arguments.nextKey());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database);
        if (!keyspace.open(key).exists()) {
            throw NO_KEY;
        }
        HyperLogLogValue stored = HyperLogLogValue.open(keyspace, key);
        HyperLogLog value = stored.value();
        return switch (new String(subcommand, StandardCharsets.ISO_8859_1).toUpperCase(Locale.ROOT)) {
            case "GETREG" -> {
                makeDense(stored);
                yield registers(value);
            }
            case "DECODE" -> {
                if (!value.isSparse()) {
                    throw NOT_SPARSE;
                }
                yield Reply.bulk(value.decode());
            }
            case "ENCODING" -> new Reply.Status(value.isSparse() ? "sparse" : "dense");
            case "TODENSE" -> makeDense(stored) ? Reply.ONE : Reply.ZERO;
            default ->
                throw new CommandError(
                        "ERR Unknown PFDEBUG subcommand '" + CommandError.quote(subcommand, QUOTED_BYTES_MAX) + "'");
        };
    }

    private static boolean makeDense(HyperLogLogValue stored) throws CommandError {
        if (!stored.value().isSparse()) {
            return false;
        }
        try {
            stored.value().makeDense();
        } catch (HyperLogLog.Corrupt corrupt) {
            throw HyperLogLogValue.CORRUPT;
        }
        stored.store();
        return true;
    }

    private static Reply registers(HyperLogLog dense) throws CommandError {
        try {
            List<Reply> values = new ArrayList<>();
            for (byte value : dense.registers()) {
                values.add(Reply.of(value));
            }
            return Reply.array(values);
        } catch (HyperLogLog.Corrupt corrupt) {
            throw HyperLogLogValue.CORRUPT;
        }
    }
}
