/** Tests. */
@NullMarked
package io.kvasir.gateway.command.bitmap;

import org.jspecify.annotations.NullMarked;
