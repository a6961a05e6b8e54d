/** What the engine costs by itself, without replication or network. */
@NullMarked
package io.kvasir.bench.engine;

import org.jspecify.annotations.NullMarked;
