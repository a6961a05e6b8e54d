/** Client-side caching: telling clients which of the keys they have read have changed since. */
@NullMarked
package io.kvasir.gateway.tracking;

import org.jspecify.annotations.NullMarked;
