/**
 * Lua 5.1 as Redis has it: a tree-walking interpreter with byte strings, C's number formats, Lua's error texts, and
 * bounds on steps, memory and depth. It knows nothing of Redis; scripts get {@code redis.*} from outside.
 *
 * <p>Values are plain objects: null is nil, {@link java.lang.Boolean}, {@link java.lang.Double},
 * {@link io.kvasir.gateway.lua.LuaString}, {@link io.kvasir.gateway.lua.LuaTable},
 * {@link io.kvasir.gateway.lua.LuaFunction}, and {@link io.kvasir.gateway.lua.LightUserdata}.
 */
@NullMarked
package io.kvasir.gateway.lua;

import org.jspecify.annotations.NullMarked;
