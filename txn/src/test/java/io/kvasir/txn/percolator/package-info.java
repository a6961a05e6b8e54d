/** Tests of the rules of transactions over several ranges. */
@NullMarked
package io.kvasir.txn.percolator;

import org.jspecify.annotations.NullMarked;
