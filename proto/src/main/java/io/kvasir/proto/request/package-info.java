/** A forwarded command and what a range answers to it. */
@NullMarked
package io.kvasir.proto.request;

import org.jspecify.annotations.NullMarked;
