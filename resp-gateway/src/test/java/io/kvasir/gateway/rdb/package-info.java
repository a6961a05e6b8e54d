/** Tests of the codec of values at rest. */
@NullMarked
package io.kvasir.gateway.rdb;

import org.jspecify.annotations.NullMarked;
