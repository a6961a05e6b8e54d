/** Ordered records in families, written atomically: RocksDB in production, memory in simulation. */
@NullMarked
package io.kvasir.store.engine;

import org.jspecify.annotations.NullMarked;
