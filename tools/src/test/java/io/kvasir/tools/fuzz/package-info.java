/** {@code ./kvasir fuzz}: random commands at running nodes and at redis-server, for as long as one likes. */
@NullMarked
package io.kvasir.tools.fuzz;

import org.jspecify.annotations.NullMarked;
