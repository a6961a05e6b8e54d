/** Writes that take effect once, however often their client sends them (rule K21). */
@NullMarked
package io.kvasir.region.retry;

import org.jspecify.annotations.NullMarked;
