package io.kvasir.gateway.type;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Walks the user keys of one database instance in the order (slot, hash, key), within the range of one transaction.
 *
 * <p>The records of other instances, of sub-records and of other slots lie in between. A few of them are passed by
 * stepping; beyond {@value #STEPS_MAX} the walk opens a new cursor where the next key of the instance may be. A walk
 * ends between different positions only, so that the position it ends at says exactly what is left (rule K30); keys of
 * one slot whose 32-bit hashes are equal come in one page, however many they are.
 *
 * <p>Confined to the thread that runs the command.
 */
public final class KeyWalk {

    /** Records passed one by one before a new cursor is opened, which costs about as much as this. */
    private static final int STEPS_MAX = 8;

    private final Transaction transaction;
    private final int instance;
    private final Visitor visitor;
    private final long stepsMax;
    private long steps;
    private KeyPosition position;
    private boolean stopping;

    /** Gets the keys of a walk. */
    @FunctionalInterface
    public interface Visitor {

        /**
         * Takes one key, which may be expired.
         *
         * @return whether the walk is to go on past the keys of this position
         */
        boolean visit(byte[] userKey, Root root);

        /**
         * Takes a stem under which there are sub-records but no root: left-overs out of reach.
         *
         * @return whether the walk is to go on past the keys of this position
         */
        default boolean visitRootless(byte[] stem) {
            return true;
        }
    }

    private KeyWalk(Transaction transaction, int instance, KeyPosition from, long stepsMax, Visitor visitor) {
        this.transaction = transaction;
        this.instance = instance;
        this.position = from;
        this.stepsMax = stepsMax;
        this.visitor = visitor;
    }

    /**
     * Where a walk ended.
     *
     * @param next first position that may have keys not yet visited
     * @param rangeEnded whether all keys of this range were visited; those left at {@code next} are in later ranges
     */
    public record Stop(KeyPosition next, boolean rangeEnded) {}

    /**
     * Walks from {@code from} until the visitor has enough, the range ends, or {@code stepsMax} records were read and
     * cursors opened. The walk gets past {@code from}, or to the end of the range.
     */
    public static Stop run(Transaction transaction, int instance, KeyPosition from, long stepsMax, Visitor visitor) {
        return new KeyWalk(transaction, instance, from, stepsMax, visitor).run();
    }

    private Stop run() {
        if (position.isEnd()) {
            return new Stop(position, true);
        }
        byte[] seek = position.firstKey(instance);
        if (Arrays.compareUnsigned(seek, transaction.rangeStart()) < 0) {
            seek = transaction.rangeStart();
        }
        byte[] end = transaction.rangeEnd();
        while (seek != null && (end.length == 0 || Arrays.compareUnsigned(seek, end) < 0)) {
            steps++;
            try (Engine.Cursor cursor = transaction.scan(seek, end, false)) {
                seek = advance(cursor);
            }
            if (stopping) {
                return new Stop(position, false);
            }
        }
        return new Stop(
                end.length == 0 ? KeyPosition.END : laterOf(position, KeyPosition.atOrAfter(end, instance)), true);
    }

    /** Returns the later position: a walk that starts beyond the range does not go back. */
    private static KeyPosition laterOf(KeyPosition one, KeyPosition other) {
        return one.cursor() >= other.cursor() ? one : other;
    }

    /** Reads on; returns the key at which to open the next cursor, or null at the end of the range or of the page. */
    private byte @Nullable [] advance(Engine.Cursor cursor) {
        byte[] target = new byte[0];
        int passed = 0;
        while (cursor.next()) {
            steps++;
            byte[] key = cursor.key();
            if (Arrays.compareUnsigned(key, target) < 0) {
                if (++passed > STEPS_MAX) {
                    return target;
                }
                continue;
            }
            passed = 0;
            int comparison = Integer.compareUnsigned(KeyLayout.instanceOf(key), instance);
            if (comparison != 0) {
                KeyPosition slotStart = new KeyPosition(KeyLayout.slotOf(key), 0);
                KeyPosition next = comparison < 0 ? slotStart : slotStart.nextSlot();
                if (stopsBefore(next) || next.isEnd()) {
                    return null;
                }
                target = next.firstKey(instance);
            } else if (stopsBefore(KeyPosition.ofKey(key))) {
                return null;
            } else {
                target = visit(key, cursor);
            }
        }
        return null;
    }

    /** Visits the user key of the first record under its stem; returns where its records end. */
    private byte[] visit(byte[] key, Engine.Cursor cursor) {
        byte[] stem = Arrays.copyOf(key, KeyLayout.stemLength(key));
        boolean root = key.length == stem.length + 1 && key[stem.length] == KeyLayout.KIND_ROOT;
        boolean more = root
                ? visitor.visit(KeyLayout.userKeyOf(stem), Root.decode(cursor.value()))
                : visitor.visitRootless(stem);
        if (!more) {
            steps = stepsMax;
        }
        return KeyLayout.stemEnd(stem);
    }

    private boolean stopsBefore(KeyPosition next) {
        if (next.cursor() <= position.cursor()) {
            return false;
        }
        position = next;
        stopping = steps >= stepsMax;
        return stopping;
    }
}
