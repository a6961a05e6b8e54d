/** Servers as real processes, for tests that need more than the inside of one. */
@NullMarked
package io.kvasir.tools.process;

import org.jspecify.annotations.NullMarked;
