package io.kvasir.store.log;

/** The outcome of {@link LogEngine#create}. */
public sealed interface Creation {

    /** The replica exists from now on, durably. */
    record Created(GroupLog log) implements Creation {}

    /** A replica of the region is live here, of this or another incarnation; nothing was changed. */
    record AlreadyLive(GroupLog log) implements Creation {}

    /** The incarnation asked for, or a newer one, was destroyed here; nothing was changed. */
    record Destroyed(Tombstone tombstone) implements Creation {}
}
