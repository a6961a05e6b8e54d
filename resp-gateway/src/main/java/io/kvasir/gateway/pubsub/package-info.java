/** Messages from those who publish to those who subscribe, over all gateways of a cluster. */
@NullMarked
package io.kvasir.gateway.pubsub;

import org.jspecify.annotations.NullMarked;
