/** Where in a range its leader is read and written. */
@NullMarked
package io.kvasir.region.heat;

import org.jspecify.annotations.NullMarked;
