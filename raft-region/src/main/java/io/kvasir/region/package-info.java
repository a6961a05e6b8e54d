/** What a procedure sees: a {@link io.kvasir.region.Transaction} over records, and the table it is found in. */
@NullMarked
package io.kvasir.region;

import org.jspecify.annotations.NullMarked;
