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
import io.kvasir.gateway.type.RootType;
import io.kvasir.gateway.type.StringValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code LCS key1 key2 [LEN] [IDX] [MINMATCHLEN n] [WITHMATCHLEN]}: the longest common subsequence of two strings, its
 * length, or where it lies in both. Redis looks at the types of both keys before it reads the options (t_string.c).
 *
 * @param fault what is wrong with the options, if anything is
 */
public record Lcs(
        int database,
        byte[][] keys,
        boolean length,
        boolean index,
        long matchBytesMin,
        boolean matchLengths,
        Optional<CommandError> fault)
        implements DataCommand.OfKeys {

    public static final CommandSpec SPEC = CommandSpec.of("LCS", -3, "7.0.0")
            .flags(CommandFlag.READONLY)
            .categories(AclCategory.STRING)
            .keys(1, 2, 1, KeySpec.Access.READ);

    /** Most pairs of bytes that are compared: what Redis' table of 4 bytes a pair can hold in proto-max-bulk-len. */
    private static final long CELLS_MAX = StringValue.LENGTH_MAX / 4;

    private static final CommandError TOO_LONG =
            new CommandError("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
    private static final CommandError BOTH =
            new CommandError("ERR If you want both the length and indexes, please just use IDX.");
    private static final CommandError NO_STRING = new CommandError("ERR The specified keys must contain string values");

    public static Lcs parse(Arguments arguments) throws CommandError {
        byte[][] keys = arguments.nextKeys(2);
        try {
            return parse(keys, arguments);
        } catch (CommandError fault) {
            return new Lcs(arguments.database(), keys, false, false, 0, false, Optional.of(fault));
        }
    }

    private static Lcs parse(byte[][] keys, Arguments arguments) throws CommandError {
        boolean length = false;
        boolean index = false;
        boolean matchLengths = false;
        long matchBytesMin = 0;
        while (arguments.hasNext()) {
            if (arguments.accept("IDX")) {
                index = true;
            } else if (arguments.accept("LEN")) {
                length = true;
            } else if (arguments.accept("WITHMATCHLEN")) {
                matchLengths = true;
            } else if (arguments.remaining() > 1 && arguments.accept("MINMATCHLEN")) {
                matchBytesMin = Math.max(0, arguments.nextLong());
            } else {
                throw CommandError.SYNTAX;
            }
        }
        if (length && index) {
            throw BOTH;
        }
        return new Lcs(arguments.database(), keys, length, index, matchBytesMin, matchLengths, Optional.empty());
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database);
        StringValue a = string(keyspace.open(keys[0]));
        StringValue b = string(keyspace.open(keys[1]));
        if (fault.isPresent()) {
            throw fault.get();
        }
        if ((a.length() + 1) * (b.length() + 1) > CELLS_MAX) {
            throw TOO_LONG;
        }
        CommonSubsequence common = CommonSubsequence.of(a.bytes(), b.bytes());
        if (length) {
            return Reply.of(common.length());
        }
        return index ? indexes(common) : Reply.bulk(common.bytes());
    }

    private static StringValue string(Entry entry) throws CommandError {
        if (entry.exists() && entry.root().type() != RootType.STRING) {
            throw NO_STRING;
        }
        return StringValue.of(entry);
    }

    private Reply indexes(CommonSubsequence common) {
        List<Reply> matches = new ArrayList<>();
        for (CommonSubsequence.Match match : common.matches()) {
            if (match.bytes() >= matchBytesMin) {
                List<Reply> parts = new ArrayList<>(3);
                parts.add(span(match.startInA(), match.bytes()));
                parts.add(span(match.startInB(), match.bytes()));
                if (matchLengths) {
                    parts.add(Reply.of(match.bytes()));
                }
                matches.add(Reply.array(parts));
            }
        }
        return new Reply.MapOf(
                List.of(Reply.bulk("matches"), Reply.array(matches), Reply.bulk("len"), Reply.of(common.length())));
    }

    private static Reply span(int start, int bytes) {
        return Reply.array(List.of(Reply.of(start), Reply.of(start + bytes - 1)));
    }
}
