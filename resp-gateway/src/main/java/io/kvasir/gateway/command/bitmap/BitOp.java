package io.kvasir.gateway.command.bitmap;

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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@code BITOP AND | OR | XOR | NOT destination source...}: combines strings bit by bit; shorter ones end in zeros. */
public record BitOp(int database, Operator operator, byte[] destination, byte[][] sources) implements DataCommand {

    public static final CommandSpec SPEC = CommandSpec.of("BITOP", -4, "2.6.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM)
            .categories(AclCategory.BITMAP)
            .keys(2, 2, 1, KeySpec.Access.WRITE)
            .keys(3, -1, 1, KeySpec.Access.READ);

    private static final CommandError NOT_OF_SEVERAL =
            new CommandError("ERR BITOP NOT must be called with a single source key.");

    enum Operator {
        AND,
        OR,
        XOR,
        NOT
    }

    public static BitOp parse(Arguments arguments) throws CommandError {
        Operator operator = operator(arguments);
        byte[] destination = arguments.nextKey();
        byte[][] sources = arguments.nextKeys(arguments.remaining());
        if (operator == Operator.NOT && sources.length != 1) {
            throw NOT_OF_SEVERAL;
        }
        return new BitOp(arguments.database(), operator, destination, sources);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database);
        long length = 0;
        for (byte[] source : sources) {
            length = Math.max(length, keyspace.string(source).length());
        }
        Entry entry = keyspace.open(destination);
        if (length == 0) {
            if (entry.exists()) {
                entry.remove();
                entry.event(KeyspaceEvent.DEL);
            }
            return Reply.ZERO;
        }
        StringValue.requireReplaceable(length);
        StringValue.replace(entry, compute(keyspace, (int) length), 0);
        entry.event(KeyspaceEvent.SET);
        return Reply.of(length);
    }

    @Override
    public List<byte[]> userKeys() {
        List<byte[]> keys = new ArrayList<>(1 + sources.length);
        keys.add(destination);
        keys.addAll(Arrays.asList(sources));
        return keys;
    }

    private static Operator operator(Arguments arguments) throws CommandError {
        for (Operator candidate : Operator.values()) {
            if (arguments.accept(candidate.name())) {
                return candidate;
            }
        }
        throw CommandError.SYNTAX;
    }

    private byte[] compute(Keyspace keyspace, int length) throws CommandError {
        byte[] result = Arrays.copyOf(keyspace.string(sources[0]).bytes(), length);
        for (int s = 1; s < sources.length; s++) {
            byte[] source = Arrays.copyOf(keyspace.string(sources[s]).bytes(), length);
            for (int i = 0; i < length; i++) {
                result[i] = (byte)
                        switch (operator) {
                            case AND -> result[i] & source[i];
                            case OR -> result[i] | source[i];
                            case XOR -> result[i] ^ source[i];
                            case NOT -> throw new IllegalStateException("NOT of several strings");
                        };
            }
        }
        if (operator == Operator.NOT) {
            for (int i = 0; i < length; i++) {
                result[i] = (byte) ~result[i];
            }
        }
        return result;
    }
}
