/** Kvasir beside Redis on one machine: the same load on each in turn, and ratios of what came out. */
@NullMarked
package io.kvasir.bench.compare;

import org.jspecify.annotations.NullMarked;
