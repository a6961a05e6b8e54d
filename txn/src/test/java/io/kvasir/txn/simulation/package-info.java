/**
 * A cluster of ranges in one thread, driven by a seed: time, chance, network, raft and disk are events of one queue.
 */
@NullMarked
package io.kvasir.txn.simulation;

import org.jspecify.annotations.NullMarked;
