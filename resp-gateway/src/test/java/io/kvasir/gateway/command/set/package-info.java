@NullMarked
package io.kvasir.gateway.command.set;

import org.jspecify.annotations.NullMarked;
