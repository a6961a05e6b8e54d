package io.kvasir.store.log;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionId;

/**
 * What remains of a destroyed replica, for ever: no replica of {@code region} with this or an older incarnation may be
 * created on this store again (rule K9).
 *
 * @param epoch the region's epoch as known when the replica was destroyed
 */
public record Tombstone(RegionId region, int incarnation, Epoch epoch) {}
