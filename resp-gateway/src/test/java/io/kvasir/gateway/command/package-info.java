/** Tests. */
@NullMarked
package io.kvasir.gateway.command;

import org.jspecify.annotations.NullMarked;
