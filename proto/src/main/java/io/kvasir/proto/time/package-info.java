/** Timestamps of the oracle: the only time that decides anything. */
@NullMarked
package io.kvasir.proto.time;

import org.jspecify.annotations.NullMarked;
