package io.kvasir.gateway.lua;

/** A value that is only itself: {@code cjson.null}. */
public enum LightUserdata {
    NULL
}
