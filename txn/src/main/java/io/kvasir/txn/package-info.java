/** Where a gateway runs a command: routed to the range that holds its keys. */
@NullMarked
package io.kvasir.txn;

import org.jspecify.annotations.NullMarked;
