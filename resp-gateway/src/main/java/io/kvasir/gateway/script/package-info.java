/**
 * Scripts of users: EVAL over a {@link io.kvasir.region.Transaction}, with the {@code redis} library that their code
 * sees, and the conversions between replies and values of Lua.
 */
@NullMarked
package io.kvasir.gateway.script;

import org.jspecify.annotations.NullMarked;
