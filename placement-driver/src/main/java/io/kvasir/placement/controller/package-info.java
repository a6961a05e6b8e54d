/** The controller: the state of the cluster as an immutable image, and the rules by which requests become records. */
@NullMarked
package io.kvasir.placement.controller;

import org.jspecify.annotations.NullMarked;
