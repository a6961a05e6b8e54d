/** Tests. */
@NullMarked
package io.kvasir.gateway.command.list;

import org.jspecify.annotations.NullMarked;
