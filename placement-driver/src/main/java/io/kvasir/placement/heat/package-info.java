/** Where in the key space, and when, the cluster was read and written. */
@NullMarked
package io.kvasir.placement.heat;

import org.jspecify.annotations.NullMarked;
