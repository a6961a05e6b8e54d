@NullMarked
package io.kvasir.gateway.pubsub;

import org.jspecify.annotations.NullMarked;
