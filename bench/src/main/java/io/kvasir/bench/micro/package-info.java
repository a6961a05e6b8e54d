/** What single layers cost, measured by JMH: {@code ./kvasir bench --micro}. */
@NullMarked
package io.kvasir.bench.micro;

import org.jspecify.annotations.NullMarked;
