/**
 * Reading and writing the bytes that processes exchange and store: bounded, strict, one error for all that is
 * malformed.
 */
@NullMarked
package io.kvasir.proto.wire;

import org.jspecify.annotations.NullMarked;
