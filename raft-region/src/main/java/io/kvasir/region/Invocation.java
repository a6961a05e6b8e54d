package io.kvasir.region;

import io.kvasir.proto.reply.Reply;
import java.util.List;

/**
 * A procedure with its arguments parsed: code over a {@link Transaction}. Immutable; may be run any number of times.
 */
public interface Invocation {

    /**
     * Runs this over {@code transaction} and returns its reply. An error reply keeps the writes made before it;
     * commands therefore check before they write. Must not throw but what the transaction throws, and
     * {@link Withdrawn}.
     */
    Reply run(Transaction transaction);

    /** Returns whether this never writes. */
    boolean readOnly();

    /** Returns whether this may leave more data than there was; refused while the disk is nearly full. */
    default boolean mayGrow() {
        return !readOnly();
    }

    /**
     * Returns whether this bounds by itself what it looks at and writes, so that it always runs at the range's owner;
     * others are evaluated away from it when they pass what one command may (rule K32).
     */
    default boolean boundsItself() {
        return false;
    }

    /**
     * Returns whether this may reach user keys that it does not declare. It asks for each by
     * {@link Transaction#requireMarked}; one that was not marked makes it run again with the whole range marked.
     */
    default boolean mayReachOthers() {
        return false;
    }

    /**
     * Returns whether this may be run again after it took effect: the second run changes nothing, and answers alike.
     */
    default boolean mayRepeat() {
        return readOnly();
    }

    /** Returns the database number its keys are in. */
    int database();

    /**
     * Returns the user keys it will touch, in argument order; empty if it does not know them before it runs, in which
     * case it counts as touching the whole range.
     */
    List<byte[]> userKeys();
}
