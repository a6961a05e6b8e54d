/**
 * HyperLogLogs in the bytes in which Redis keeps them (redis hyperloglog.c): a header, then the registers, sparse or
 * dense. Knows nothing of keys.
 */
@NullMarked
package io.kvasir.gateway.hyperloglog;

import org.jspecify.annotations.NullMarked;
