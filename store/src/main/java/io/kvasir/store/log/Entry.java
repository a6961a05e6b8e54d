package io.kvasir.store.log;

/**
 * One entry of a group's log.
 *
 * @param term the raft term in which it was appended, at least 0
 * @param type what kind of entry it is, for {@link GroupLog#indexesOfType}; {@link #DATA} costs no memory per entry,
 *     other types are remembered one by one and meant for rare entries such as configurations
 * @param data opaque to the engine; handed over, never to be changed afterwards
 */
public record Entry(long term, byte type, byte[] data) {

    /** The type of an ordinary entry. */
    public static final byte DATA = 0;

    public Entry {
        if (term < 0) {
            throw new IllegalArgumentException("term " + term + " is negative");
        }
    }
}
