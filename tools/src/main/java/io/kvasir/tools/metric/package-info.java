/** What a node tells those who watch it, in the text format of Prometheus. */
@NullMarked
package io.kvasir.tools.metric;

import org.jspecify.annotations.NullMarked;
