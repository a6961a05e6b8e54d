/** Real node processes that are killed and paused under load, and what clients may then see. */
@NullMarked
package io.kvasir.tools.kill;

import org.jspecify.annotations.NullMarked;
