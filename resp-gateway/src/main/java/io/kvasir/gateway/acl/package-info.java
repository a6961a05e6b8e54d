/**
 * Users and what they may do: rules, checks, the log of what was refused. What the rules mean is Redis' (redis acl.c);
 * where they stand is ours: one hash, replicated like any other, of which every gateway keeps the newest copy.
 */
@NullMarked
package io.kvasir.gateway.acl;

import org.jspecify.annotations.NullMarked;
