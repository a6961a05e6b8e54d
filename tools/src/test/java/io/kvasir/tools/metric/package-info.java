/** Tests of the page of metrics. */
@NullMarked
package io.kvasir.tools.metric;

import org.jspecify.annotations.NullMarked;
