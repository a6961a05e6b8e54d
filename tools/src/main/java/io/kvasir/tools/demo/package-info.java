/**
 * {@code ./kvasir demo}: real data goes into a redis-server and into three nodes of which one after the other is
 * killed; then both are compared key by key. A client of a cluster: it knows nothing of what is inside.
 */
@NullMarked
package io.kvasir.tools.demo;

import org.jspecify.annotations.NullMarked;
