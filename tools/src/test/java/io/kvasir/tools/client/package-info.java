/** Clients and tools that people use, and real data, against running nodes. */
@NullMarked
package io.kvasir.tools.client;

import org.jspecify.annotations.NullMarked;
