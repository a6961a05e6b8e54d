/** The commands over sorted sets whose scores are places on earth. */
@NullMarked
package io.kvasir.gateway.command.geo;

import org.jspecify.annotations.NullMarked;
