/** What a Redis command is: its row, its arguments, its meaning over a transaction, and the table of them all. */
@NullMarked
package io.kvasir.gateway.command;

import org.jspecify.annotations.NullMarked;
