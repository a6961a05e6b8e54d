/**
 * {@code ./kvasir}: starts, finds, stops and looks at the processes of a cluster on this machine.
 *
 * <p>Uses the JDK and the configuration alone, so that it also runs from source, before anything is built. It decides
 * nothing about data; it may read clocks and wait.
 */
@NullMarked
package io.kvasir.tools.launch;

import org.jspecify.annotations.NullMarked;
