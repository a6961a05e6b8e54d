/** The process of a node: the one place where placement, store and gateway are put together. */
@NullMarked
package io.kvasir.tools.server;

import org.jspecify.annotations.NullMarked;
