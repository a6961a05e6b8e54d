/** One ordered stream of frames per store pair, and one for bulk data: gRPC in production, in memory in simulation. */
@NullMarked
package io.kvasir.region.link;

import org.jspecify.annotations.NullMarked;
