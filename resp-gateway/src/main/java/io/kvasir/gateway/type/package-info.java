/**
 * The data types: how a value lies in records over a {@link io.kvasir.region.Transaction}. Only a type knows its
 * layout; commands speak to types.
 */
@NullMarked
package io.kvasir.gateway.type;

import org.jspecify.annotations.NullMarked;
