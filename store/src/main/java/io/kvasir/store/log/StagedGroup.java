package io.kvasir.store.log;

/**
 * What a group will be once the frame being gathered is durable, as far as the changes that may share a frame need to
 * know. Confined to the writer.
 */
final class StagedGroup {

    private long frame = -1;
    private boolean reshaped;
    long next;
    long lastTerm;
    HardState hardState = HardState.NONE;

    /** Starts from the durable state of {@code group} if it is not yet part of the frame numbered {@code number}. */
    void join(GroupLog group, long number) {
        if (frame != number) {
            frame = number;
            reshaped = false;
            next = group.lastIndex() + 1;
            lastTerm = group.lastTerm();
            hardState = group.hardState();
        }
    }

    boolean isIn(long number) {
        return frame == number;
    }

    /** Returns whether {@link #reshape} was called in the frame numbered {@code number}. */
    boolean isReshapedIn(long number) {
        return frame == number && reshaped;
    }

    /** Notes that the frame holds a change after which the values here are no longer right. */
    void reshape() {
        reshaped = true;
    }
}
