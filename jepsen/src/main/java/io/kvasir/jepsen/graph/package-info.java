/** Dependencies between transactions, and the cycles among them. */
@NullMarked
package io.kvasir.jepsen.graph;

import org.jspecify.annotations.NullMarked;
