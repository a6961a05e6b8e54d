/** The seams of time: the oracle's timestamps and the local clock. */
@NullMarked
package io.kvasir.region.time;

import org.jspecify.annotations.NullMarked;
