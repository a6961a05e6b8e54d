/**
 * {@code ./kvasir export} and {@code ./kvasir import}: all data of a cluster into a dump file of Redis, and from one or
 * from a running Redis into a cluster. Clients like any other: they speak Redis' protocol to a node.
 */
@NullMarked
package io.kvasir.tools.transfer;

import org.jspecify.annotations.NullMarked;
