package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.glob.Glob;
import io.kvasir.gateway.type.KeyPosition;
import io.kvasir.gateway.type.KeyWalk;
import io.kvasir.gateway.type.Root;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One page of the keys of a database within one range: what SCAN, KEYS and others run there. It examines a bounded
 * number of records and says where to go on.
 *
 * <p>Its arguments are: cursor, most keys to examine, pattern and, unless all are wanted, name of the type. It answers
 * {@code [cursor to go on at, 1 if the range is done else 0, [keys]]}.
 *
 * @param spec row of the command that asks
 * @param count most keys to examine, expired ones included; more if they share one position
 */
public record KeyPage(CommandSpec spec, int database, KeyPosition from, long count, Glob pattern, Optional<String> type)
        implements DataCommand {

    /** Most records read and cursors opened for one page (rule K32). */
    public static final long STEPS_MAX = 4_096;

    /** Returns the procedure of {@code spec}. */
    public static Command.Data procedure(CommandSpec spec) {
        return new Command.Data(spec, arguments -> parse(spec, arguments));
    }

    private static KeyPage parse(CommandSpec spec, Arguments arguments) throws CommandError {
        KeyPosition from = KeyPosition.of(arguments.nextLong());
        long count = arguments.nextLong(1, Long.MAX_VALUE, CommandError.NOT_POSITIVE);
        Glob pattern = new Glob(arguments.next());
        Optional<String> type = arguments.hasNext()
                ? Optional.of(new String(arguments.next(), StandardCharsets.ISO_8859_1))
                : Optional.empty();
        arguments.end();
        return new KeyPage(spec, arguments.database(), from, count, pattern, type);
    }

    /** Returns the arguments that are parsed to this; {@code patternBytes} are those of the pattern. */
    static byte[][] arguments(KeyPosition from, long count, byte[] patternBytes, Optional<byte[]> type) {
        List<byte[]> words =
                new ArrayList<>(List.of(NumberText.bytes(from.cursor()), NumberText.bytes(count), patternBytes));
        type.ifPresent(words::add);
        return words.toArray(byte[][]::new);
    }

    @Override
    public List<byte[]> userKeys() {
        return List.of();
    }

    @Override
    public Reply execute(Transaction transaction) {
        int instance = transaction.instance(database);
        List<Reply> keys = new ArrayList<>();
        long[] examined = {0};
        KeyWalk.Stop stop = KeyWalk.run(transaction, instance, from, STEPS_MAX, (userKey, root) -> {
            if (wanted(userKey, root) && !isExpired(transaction, root)) {
                keys.add(Reply.bulk(userKey));
            }
            return ++examined[0] < count;
        });
        return Reply.array(List.of(
                Reply.bulk(NumberText.bytes(stop.next().cursor())),
                stop.rangeEnded() ? Reply.ONE : Reply.ZERO,
                Reply.array(keys)));
    }

    private boolean wanted(byte[] userKey, Root root) {
        return pattern.matches(userKey)
                && type.map(root.type().replyName()::equalsIgnoreCase).orElse(true);
    }

    private static boolean isExpired(Transaction transaction, Root root) {
        return root.expiryMillis() != 0 && transaction.isExpired(root.expiryMillis());
    }
}
