/** The Redis serialization protocol: requests out of bytes, replies into bytes. */
@NullMarked
package io.kvasir.gateway.resp;

import org.jspecify.annotations.NullMarked;
