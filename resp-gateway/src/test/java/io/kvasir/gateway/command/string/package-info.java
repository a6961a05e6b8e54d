/** Tests. */
@NullMarked
package io.kvasir.gateway.command.string;

import org.jspecify.annotations.NullMarked;
