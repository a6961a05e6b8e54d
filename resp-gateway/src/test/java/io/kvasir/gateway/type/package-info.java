/** Tests of the data types, and the transaction in memory that all command tests run over. */
@NullMarked
package io.kvasir.gateway.type;

import org.jspecify.annotations.NullMarked;
