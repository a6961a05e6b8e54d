/** Tests of EXEC as a procedure. */
@NullMarked
package io.kvasir.gateway.command.transaction;

import org.jspecify.annotations.NullMarked;
