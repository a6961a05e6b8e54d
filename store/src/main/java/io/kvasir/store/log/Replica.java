package io.kvasir.store.log;

import io.kvasir.proto.id.RegionId;

/**
 * A live replica, as found at start.
 *
 * @param initialState the bytes given at its creation; not to be changed
 */
public record Replica(RegionId region, int incarnation, byte[] initialState, GroupLog log) {}
