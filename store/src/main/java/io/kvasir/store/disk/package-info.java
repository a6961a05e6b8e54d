/** Files as the log engine sees them: a real disk, and a simulated one that fails as real ones do. */
@NullMarked
package io.kvasir.store.disk;

import org.jspecify.annotations.NullMarked;
