package io.kvasir.region.range;

/** What a batch of commands goes through at a range; {@link #APPLY} at every replica, the others at the leader. */
public enum Stage {
    /** The batch's first command waits for its turn. */
    QUEUE,
    /** The oracle is asked for a timestamp. */
    TIMESTAMP,
    /** The commands are run. */
    EVALUATE,
    /** The entry is encoded and handed to raft. */
    PROPOSE,
    /** The entry is appended and synced at a majority, and applied here. */
    COMMIT,
    /** Entries that are applied together are written to the engine. */
    APPLY,
    /** The replies are handed to the gateways. */
    REPLY
}
