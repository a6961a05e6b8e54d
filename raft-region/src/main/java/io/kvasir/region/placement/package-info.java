/** How a process talks to the placement driver: whom it asks, timestamps, and the cluster's affairs. */
@NullMarked
package io.kvasir.region.placement;

import org.jspecify.annotations.NullMarked;
