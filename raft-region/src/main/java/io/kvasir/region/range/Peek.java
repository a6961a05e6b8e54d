package io.kvasir.region.range;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Awaiting;
import io.kvasir.region.Invocation;
import io.kvasir.region.OutOfRange;
import io.kvasir.region.Transaction;
import io.kvasir.region.Withdrawn;
import java.util.Arrays;
import java.util.List;

/**
 * Looks whether an invocation that waits in several ranges would find what it waits for at some of its keys, those that
 * lie in this range, and takes back all it did. Immutable.
 */
record Peek(Awaiting awaiting, List<byte[]> keys) implements Invocation {

    /** The answer if there is something to take; if there is not, the answer is null. */
    static final Reply.Error READY = new Reply.Error("READY");

    @Override
    public Reply run(Transaction transaction) {
        int instance = transaction.instance(database());
        for (byte[] key : keys) {
            if (isWithin(transaction, KeyLayout.stem(instance, key)) && finds(transaction, key)) {
                throw new Withdrawn(READY);
            }
        }
        return Reply.NULL;
    }

    private boolean finds(Transaction transaction, byte[] key) {
        try {
            return !(awaiting.servedBy(key).run(transaction) instanceof Reply.Null);
        } catch (OutOfRange beyond) {
            return true; // it has found something, and went on to another key
        }
    }

    private static boolean isWithin(Transaction transaction, byte[] stem) {
        byte[] end = transaction.rangeEnd();
        return Arrays.compareUnsigned(stem, transaction.rangeStart()) >= 0
                && (end.length == 0 || Arrays.compareUnsigned(stem, end) < 0);
    }

    @Override
    public boolean readOnly() {
        return true;
    }

    @Override
    public boolean boundsItself() {
        return true;
    }

    @Override
    public int database() {
        return awaiting.database();
    }

    @Override
    public List<byte[]> userKeys() {
        return keys;
    }
}
