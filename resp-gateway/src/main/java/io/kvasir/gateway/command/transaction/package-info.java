/** What MULTI and WATCH are at the ranges: many commands as one procedure, and versions that must not have moved. */
@NullMarked
package io.kvasir.gateway.command.transaction;

import org.jspecify.annotations.NullMarked;
