package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.rdb.CorruptRdbException;
import io.kvasir.gateway.rdb.DumpPayload;
import io.kvasir.gateway.rdb.RdbType;
import io.kvasir.gateway.rdb.RdbValue;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/**
 * {@code RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]}: creates the key with the
 * value that DUMP gave, here or in Redis up to 7.2 (redis cluster.c, restoreCommand). IDLETIME and FREQ are checked and
 * forgotten, since accesses are not recorded. {@code RESTORE-ASKING} is the same.
 *
 * @param ttl text of the time to live in ms, 0 for none, with ABSTTL of the time since the Unix epoch; looked at after
 *     the key
 */
public record Restore(
        CommandSpec spec,
        int database,
        Thresholds thresholds,
        byte[] key,
        byte[] ttl,
        byte[] payload,
        boolean replace,
        boolean absolute)
        implements DataCommand.OfKey {

    public static final CommandSpec RESTORE = row("RESTORE", "2.6.0", CommandFlag.WRITE, CommandFlag.DENYOOM);

    public static final CommandSpec RESTORE_ASKING =
            row("RESTORE-ASKING", "3.0.0", CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.ASKING);

    private static final int FREQUENCY_MAX = 255;

    private static final CommandError BUSY = new CommandError("BUSYKEY Target key name already exists.");
    private static final CommandError BAD_TTL = new CommandError("ERR Invalid TTL value, must be >= 0");
    private static final CommandError BAD_IDLE_TIME = new CommandError("ERR Invalid IDLETIME value, must be >= 0");
    private static final CommandError BAD_FREQUENCY =
            new CommandError("ERR Invalid FREQ value, must be >= 0 and <= " + FREQUENCY_MAX);
    private static final CommandError BAD_CHECKSUM = new CommandError("ERR DUMP payload version or checksum are wrong");
    private static final CommandError BAD_FORMAT = new CommandError("ERR Bad data format");

    private static CommandSpec row(String name, String since, CommandFlag... flags) {
        return CommandSpec.of(name, -4, since)
                .flags(flags)
                .categories(AclCategory.KEYSPACE, AclCategory.DANGEROUS)
                .key(KeySpec.Access.WRITE);
    }

    /** Returns the row of {@code spec}, one of those above. */
    public static Command row(CommandSpec spec) {
        return new Command.Data(spec, arguments -> parse(spec, arguments));
    }

    private static Restore parse(CommandSpec spec, Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        byte[] ttl = arguments.next();
        byte[] payload = arguments.next();
        boolean replace = false;
        boolean absolute = false;
        boolean idle = false;
        boolean frequency = false;
        while (arguments.hasNext()) {
            boolean followed = arguments.remaining() > 1;
            if (arguments.accept("REPLACE")) {
                replace = true;
            } else if (arguments.accept("ABSTTL")) {
                absolute = true;
            } else if (followed && !frequency && arguments.accept("IDLETIME")) {
                arguments.nextLong(0, Long.MAX_VALUE, BAD_IDLE_TIME);
                idle = true;
            } else if (followed && !idle && arguments.accept("FREQ")) {
                arguments.nextLong(0, FREQUENCY_MAX, BAD_FREQUENCY);
                frequency = true;
            } else {
                throw CommandError.SYNTAX;
            }
        }
        return new Restore(spec, arguments.database(), arguments.thresholds(), key, ttl, payload, replace, absolute);
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database, thresholds);
        Entry entry = keyspace.open(key);
        if (entry.exists() && !replace) {
            throw BUSY;
        }
        long millis = NumberText.parseLong(ttl);
        if (millis < 0) {
            throw BAD_TTL;
        }
        RdbValue value = decode();
        StoredValues.claim(Keyspace.of(transaction, database), key, value);
        boolean deleted = entry.exists();
        entry.remove();
        if (millis > 0 && !absolute) {
            millis += transaction.timeMillis();
        }
        if (millis < 0 || millis > 0 && transaction.hasPassed(millis)) {
            // As in Redis a time that passes the end of numbers lies in the past.
            if (deleted) {
                entry.event(KeyspaceEvent.DEL);
            }
            return Reply.OK;
        }
        Entry restored = StoredValues.add(keyspace, key, value);
        if (millis > 0) {
            restored.setExpiry(millis);
        }
        restored.event(KeyspaceEvent.RESTORE);
        return Reply.OK;
    }

    private RdbValue decode() throws CommandError {
        if (!DumpPayload.isIntact(payload)) {
            throw BAD_CHECKSUM;
        }
        try {
            RdbType.Family family = DumpPayload.type(payload).family();
            if (family == RdbType.Family.MODULE) {
                throw BAD_FORMAT;
            }
            return DumpPayload.decode(payload, Keyspace.EFFECT_BYTES_MAX);
        } catch (CorruptRdbException corrupt) {
            throw BAD_FORMAT;
        }
    }
}
