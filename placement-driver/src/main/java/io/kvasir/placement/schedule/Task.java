package io.kvasir.placement.schedule;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;

/** What an operator is to bring about in one range, in one step that the store of its leader takes. */
public sealed interface Task permits Move, PeerChange, Split {

    RegionId region();

    /** Returns the term in which {@link #from} leads; in a later one this means nothing any more. */
    long term();

    /** Returns the store that leads. */
    StoreId from();

    /** Returns who wants it. */
    String scheduler();

    /** Returns why, for people. */
    String reason();

    /** Returns what it is called, for people. */
    String kind();

    /** Returns how long it may take, in ms. */
    long timeoutMillis();
}
