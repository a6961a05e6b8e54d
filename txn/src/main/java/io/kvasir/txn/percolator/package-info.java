/**
 * The rules of transactions over several ranges (Percolator) as procedures that the leaders of ranges run. The
 * coordinator is {@link io.kvasir.txn.Coordinator}; what a range knows of locks is {@link io.kvasir.region.KeyLock}.
 */
@NullMarked
package io.kvasir.txn.percolator;

import org.jspecify.annotations.NullMarked;
