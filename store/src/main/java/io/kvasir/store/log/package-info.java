/**
 * The log engine: entries, hard states and the existence of all replicas of a store, in one append-only sequence of
 * segments with one sync for all groups that wait. The format is specified in docs/log-format.md.
 */
@NullMarked
package io.kvasir.store.log;

import org.jspecify.annotations.NullMarked;
