package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.type.KeyPosition;
import io.kvasir.gateway.type.KeyWalk;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws a key of one range: one of the {@link #NEAR} that follow a random place, so that a key behind a wide gap is not
 * much likelier than others. Answers {@code [key or null, number of keys in the range, random number]}.
 */
record RandomKeyOfRange(int database) implements DataCommand {

    /** Keys of which one is drawn. */
    static final int NEAR = 16;

    @Override
    public CommandSpec spec() {
        return RandomKey.SPEC;
    }

    @Override
    public List<byte[]> userKeys() {
        return List.of();
    }

    @Override
    public Reply execute(Transaction transaction) {
        int instance = transaction.instance(database);
        List<byte[]> near = new ArrayList<>(NEAR);
        KeyPosition start = KeyPosition.first(transaction, instance);
        KeyPosition place = KeyPosition.random(transaction, instance);
        collect(transaction, instance, place, KeyPosition.END, near);
        collect(transaction, instance, start, place, near);
        Reply key = near.isEmpty()
                ? Reply.NULL
                : Reply.bulk(near.get((int) Math.unsignedMultiplyHigh(transaction.random(), near.size())));
        return Reply.array(List.of(key, Reply.of(transaction.keys(instance)), Reply.of(transaction.random())));
    }

    /** Adds live keys from {@code from} on, those before {@code to} and up to {@link #NEAR} in all. */
    private static void collect(
            Transaction transaction, int instance, KeyPosition from, KeyPosition to, List<byte[]> near) {
        KeyPosition next = from;
        while (near.size() < NEAR && next.cursor() < to.cursor()) {
            KeyWalk.Stop stop = KeyWalk.run(transaction, instance, next, KeyPage.STEPS_MAX, (userKey, root) -> {
                boolean before = KeyPosition.ofUserKey(userKey).cursor() < to.cursor();
                if (before && (root.expiryMillis() == 0 || !transaction.isExpired(root.expiryMillis()))) {
                    near.add(userKey);
                }
                return before && near.size() < NEAR;
            });
            next = stop.rangeEnded() ? KeyPosition.END : stop.next();
        }
    }
}
