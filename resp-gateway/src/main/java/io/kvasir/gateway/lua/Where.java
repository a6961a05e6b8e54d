package io.kvasir.gateway.lua;

/** A line of a chunk. */
record Where(String chunk, int line) {

    LuaError error(String message) {
        LuaError error = new LuaError(message);
        error.locate(this);
        return error;
    }

    String prefix() {
        return chunk + ":" + line + ": ";
    }
}
