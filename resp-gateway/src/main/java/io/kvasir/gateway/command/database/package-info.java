/** The commands over whole databases, and what ranges run of their own accord. */
@NullMarked
package io.kvasir.gateway.command.database;

import org.jspecify.annotations.NullMarked;
