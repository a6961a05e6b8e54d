/**
 * What processes say to the placement driver and hear from it: the forms on the wire, and the cluster as it describes
 * it.
 */
@NullMarked
package io.kvasir.proto.control;

import org.jspecify.annotations.NullMarked;
