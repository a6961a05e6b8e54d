/**
 * Raft groups on SOFAJRaft, which is used here and nowhere else: log and hard state in the store's log engine, messages
 * on the link, leases and failure detection of our own.
 */
@NullMarked
package io.kvasir.region.raft;

import org.jspecify.annotations.NullMarked;
