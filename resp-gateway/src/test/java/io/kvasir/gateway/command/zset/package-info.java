@NullMarked
package io.kvasir.gateway.command.zset;

import org.jspecify.annotations.NullMarked;
