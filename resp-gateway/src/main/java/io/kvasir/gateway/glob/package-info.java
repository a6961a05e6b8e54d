/** Patterns of names as Redis matches them: KEYS, SCAN MATCH, PSUBSCRIBE, CONFIG GET. */
@NullMarked
package io.kvasir.gateway.glob;

import org.jspecify.annotations.NullMarked;
