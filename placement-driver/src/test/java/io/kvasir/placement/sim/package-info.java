/** A simulated world from one seed: time, chance, processes, links and one raft group. */
@NullMarked
package io.kvasir.placement.sim;

import org.jspecify.annotations.NullMarked;
