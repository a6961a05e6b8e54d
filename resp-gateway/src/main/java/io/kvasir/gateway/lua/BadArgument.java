package io.kvasir.gateway.lua;

/** An argument a library function refuses; the call makes an error of it, which names the function as called. */
@SuppressWarnings("serial") // never serialized
final class BadArgument extends RuntimeException {

    private final int index;
    private final String reason;

    /** @param index from 1 */
    BadArgument(int index, String reason) {
        super(null, null, false, false);
        this.index = index;
        this.reason = reason;
    }

    /** Returns the error of a call of {@code name}; in a call of a method the first argument is the object. */
    LuaError named(String name, boolean method) {
        if (method && index == 1) {
            return new LuaError("calling '" + name + "' on bad self (" + reason + ")");
        }
        return new LuaError("bad argument #" + (method ? index - 1 : index) + " to '" + name + "' (" + reason + ")");
    }
}
