package io.kvasir.gateway.command.set;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.type.ElementDraw;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.SetValue;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * {@code SPOP key [count]}: removes and returns a random member, or as many different ones as {@code count} says. Of
 * those to be removed and those to be left the fewer are written: a large set of which few members are left is written
 * anew and the old one dropped at once.
 *
 * @param count absent if one member is asked for by itself
 */
public record SPop(int database, Thresholds thresholds, byte[] key, OptionalLong count) implements DataCommand.OfKey {

    public static final CommandSpec SPEC = CommandSpec.of("SPOP", -2, "1.0.0")
            .flags(CommandFlag.WRITE, CommandFlag.FAST)
            .categories(AclCategory.SET)
            .key(KeySpec.Access.READ_WRITE);

    /** So many times more must go than stay for what stays to be written anew (redis SPOP_MOVE_STRATEGY_MUL). */
    private static final long REWRITE_FACTOR = 5;

    private static final Reply NOTHING = new Reply.SetOf(List.of());

    public static SPop parse(Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        OptionalLong count = OptionalLong.empty();
        if (arguments.remaining() > 1) {
            throw CommandError.SYNTAX;
        }
        if (arguments.hasNext()) {
            byte[] word = arguments.next();
            if (!NumberText.isLong(word) || NumberText.toLong(word) < 0) {
                throw CommandError.NOT_POSITIVE;
            }
            count = OptionalLong.of(NumberText.toLong(word));
        }
        return new SPop(arguments.database(), arguments.thresholds(), key, count);
    }

    @Override
    public CommandSpec spec() {
        return SPEC;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        SetValue set = SetValue.open(Keyspace.of(transaction, database, thresholds), key);
        if (count.isEmpty()) {
            return set.size() == 0 ? Reply.NULL : popped(set, 1).getFirst();
        }
        long wanted = count.getAsLong();
        return set.size() == 0 || wanted == 0 ? NOTHING : new Reply.SetOf(popped(set, wanted));
    }

    private static List<Reply> popped(SetValue set, long count) throws CommandError {
        Entry entry = set.entry();
        List<Reply> popped = new ArrayList<>();
        if (count >= set.size()) {
            set.forEach(member -> popped.add(Reply.bulk(member)));
            entry.remove();
            entry.event(KeyspaceEvent.SPOP);
            entry.event(KeyspaceEvent.DEL);
            return popped;
        }
        long left = set.size() - count;
        List<byte[]> drawn = new ArrayList<>();
        if (count >= left * REWRITE_FACTOR) {
            List<byte[]> all = ElementDraw.of(set).shuffled();
            drawn.addAll(all.subList(0, (int) count));
            set.retain(all.subList((int) count, all.size()));
        } else {
            ElementDraw.of(set).distinct(count).forEach(element -> drawn.add(element.name()));
            set.claimRemoval(drawn.toArray(byte[][]::new));
            drawn.forEach(set::remove);
        }
        set.store();
        entry.event(KeyspaceEvent.SPOP);
        drawn.forEach(member -> popped.add(Reply.bulk(member)));
        return popped;
    }
}
