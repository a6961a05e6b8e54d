/** Searches for an order of the operations on one register that explains what they returned. */
@NullMarked
package io.kvasir.jepsen.register;

import org.jspecify.annotations.NullMarked;
