/** Scripts beside a real Redis. */
@NullMarked
package io.kvasir.gateway.script;

import org.jspecify.annotations.NullMarked;
