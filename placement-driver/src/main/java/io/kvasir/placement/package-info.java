/** The placement driver as a process runs it: the controller and the oracle on a raft group, served on the link. */
@NullMarked
package io.kvasir.placement;

import org.jspecify.annotations.NullMarked;
