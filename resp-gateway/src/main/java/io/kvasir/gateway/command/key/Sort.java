package io.kvasir.gateway.command.key;

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
import io.kvasir.gateway.type.ListValue;
import io.kvasir.gateway.type.RootType;
import io.kvasir.gateway.type.ScoredMember;
import io.kvasir.gateway.type.SetValue;
import io.kvasir.gateway.type.SortedSetValue;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code SORT key [BY pattern] [LIMIT offset count] [GET pattern …] [ASC | DESC] [ALPHA] [STORE destination]}: the
 * elements of a list, set or sorted set in order, or what GET names for them; with STORE their number. {@code SORT_RO}
 * has no STORE.
 *
 * @param by what to compare, null for the elements themselves
 * @param sorted whether there is an order to make: any BY without an asterisk means there is none
 * @param count most elements, negative for all
 * @param target null without STORE
 */
public record Sort(
        CommandSpec spec,
        int database,
        Thresholds thresholds,
        byte[] key,
        @Nullable SortPattern by,
        boolean sorted,
        boolean alpha,
        boolean descending,
        long offset,
        long count,
        List<SortPattern> gets,
        byte @Nullable [] target)
        implements DataCommand {

    public static final CommandSpec SORT = CommandSpec.of("SORT", -2, "1.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM)
            .categories(AclCategory.SET, AclCategory.SORTEDSET, AclCategory.LIST, AclCategory.DANGEROUS)
            .key(KeySpec.Access.READ)
            .keys(new KeySpec.Unknown("", KeySpec.Access.READ), new KeySpec.Unknown("STORE", KeySpec.Access.WRITE));

    public static final CommandSpec SORT_RO = CommandSpec.of("SORT_RO", -2, "7.0.0")
            .flags(CommandFlag.READONLY)
            .categories(AclCategory.SET, AclCategory.SORTEDSET, AclCategory.LIST, AclCategory.DANGEROUS)
            .key(KeySpec.Access.READ)
            .keys(new KeySpec.Unknown("", KeySpec.Access.READ));

    private static final byte[] EMPTY = new byte[0];

    /** Returns the row of {@code spec}, one of those above. */
    public static Command row(CommandSpec spec) {
        return new Command.Data(spec, arguments -> parse(spec, arguments));
    }

    private static Sort parse(CommandSpec spec, Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        SortPattern by = null;
        boolean sorted = true;
        boolean alpha = false;
        boolean descending = false;
        long offset = 0;
        long count = -1;
        List<SortPattern> gets = new ArrayList<>();
        byte[] target = null;
        while (arguments.hasNext()) {
            int following = arguments.remaining() - 1;
            if (arguments.accept("ASC")) {
                descending = false;
            } else if (arguments.accept("DESC")) {
                descending = true;
            } else if (arguments.accept("ALPHA")) {
                alpha = true;
            } else if (following >= 2 && arguments.accept("LIMIT")) {
                offset = arguments.nextLong();
                count = arguments.nextLong();
            } else if (following >= 1 && spec.equals(SORT) && arguments.accept("STORE")) {
                target = arguments.nextKey();
            } else if (following >= 1 && arguments.accept("BY")) {
                by = new SortPattern(arguments.next());
                sorted &= by.isVariable();
            } else if (following >= 1 && arguments.accept("GET")) {
                gets.add(new SortPattern(arguments.next()));
            } else {
                throw CommandError.SYNTAX;
            }
        }
        return new Sort(
                spec,
                arguments.database(),
                arguments.thresholds(),
                key,
                by,
                sorted,
                alpha,
                descending,
                offset,
                count,
                List.copyOf(gets),
                target);
    }

    /** Patterns name keys that only the elements tell: none is known then. */
    @Override
    public List<byte[]> userKeys() {
        boolean reachesOut = by != null && by.isVariable() || gets.stream().anyMatch(SortPattern::isVariable);
        byte[] stored = target;
        return reachesOut ? List.of() : stored == null ? List.of(key) : List.of(key, stored);
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database, thresholds);
        Entry entry = keyspace.open(key);
        List<byte[]> elements = entry.exists() ? elements(keyspace, entry) : List.of();
        byte[] stored = target;
        return stored == null ? answer(keyspace, elements) : store(keyspace, elements, stored);
    }

    private Reply answer(Keyspace keyspace, List<byte[]> elements) throws CommandError {
        List<Reply> replies = new ArrayList<>();
        for (byte[] element : elements) {
            if (gets.isEmpty()) {
                replies.add(Reply.bulk(element));
            }
            for (SortPattern get : gets) {
                byte[] value = get.value(keyspace, element);
                replies.add(value == null ? Reply.NULL : Reply.bulk(value));
            }
        }
        return Reply.array(replies);
    }

    private Reply store(Keyspace keyspace, List<byte[]> elements, byte[] stored) throws CommandError {
        List<byte[]> values = new ArrayList<>();
        for (byte[] element : elements) {
            if (gets.isEmpty()) {
                values.add(element);
            }
            for (SortPattern get : gets) {
                byte[] value = get.value(keyspace, element);
                values.add(value == null ? EMPTY : value);
            }
        }
        ListValue list = ListValue.replacing(keyspace.open(stored));
        boolean existed = list.entry().exists();
        list.push(false, values.toArray(byte[][]::new));
        list.claim();
        list.store();
        if (list.size() > 0) {
            list.entry().event(KeyspaceEvent.SORTSTORE);
        } else if (existed) {
            list.entry().event(KeyspaceEvent.DEL);
        }
        return Reply.of(list.size());
    }

    /** Returns the elements asked for, in order. */
    private List<byte[]> elements(Keyspace keyspace, Entry entry) throws CommandError {
        RootType type = entry.root().type();
        long size = entry.root().count();
        long start = Math.clamp(offset, 0, size);
        long end = count < 0 ? size : Math.min(size, start + Math.min(count, size));
        // What is stored from a set has an order all the same, so that it is the same wherever it is computed.
        boolean forced = !sorted && type == RootType.SET && target != null;
        if (sorted || forced) {
            SortOrder order = new SortOrder(forced ? null : by, alpha || forced, descending);
            return order.sort(keyspace, natural(keyspace, entry, 0, size)).subList((int) start, (int) end);
        }
        return natural(keyspace, entry, start, end);
    }

    /**
     * Returns the elements from {@code start} to {@code end} as the value has them, from its end if that is asked for
     * and nothing is to be sorted.
     */
    private List<byte[]> natural(Keyspace keyspace, Entry entry, long start, long end) throws CommandError {
        boolean reversed = descending && !sorted;
        return switch (entry.root().type()) {
            case LIST -> {
                ListValue list = ListValue.of(entry);
                yield reversed
                        ? list.range(list.size() - end, list.size() - start).reversed()
                        : list.range(start, end);
            }
            case SET -> SetValue.open(keyspace, key).members().subList((int) start, (int) end);
            case ZSET ->
                SortedSetValue.open(keyspace, key).slice(start, end - start, reversed).stream()
                        .map(ScoredMember::member)
                        .toList();
            case STRING, HASH, STREAM -> throw CommandError.WRONG_TYPE;
        };
    }
}
