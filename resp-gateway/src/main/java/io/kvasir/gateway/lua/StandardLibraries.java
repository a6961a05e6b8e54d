package io.kvasir.gateway.lua;

/** The libraries that Redis gives to scripts. Read-only, so that all runs share them. */
final class StandardLibraries {

    private static final LuaTable SHARED = new LuaTable();
    private static final LuaTable STRING_METATABLE = new LuaTable();

    static {
        BaseLibrary.addTo(SHARED);
        LuaTable string = add("string", StringLibrary.make());
        STRING_METATABLE.put("__index", string);
        STRING_METATABLE.makeReadOnly();
        add("table", TableLibrary.make());
        add("math", MathLibrary.make());
        add("coroutine", Coroutine.library());
        add("bit", BitLibrary.make());
        add("cjson", JsonLibrary.make());
        add("cmsgpack", MessagePackLibrary.make());
        add("struct", StructLibrary.make());
    }

    private StandardLibraries() {}

    /** Puts all names into the globals of a run. */
    static void addTo(LuaTable globals) {
        SHARED.forEach(globals::set);
        globals.put("_G", globals);
    }

    static LuaTable stringMetatable() {
        return STRING_METATABLE;
    }

    private static LuaTable add(String name, LuaTable library) {
        library.makeReadOnly();
        SHARED.put(name, library);
        return library;
    }

    static void put(LuaTable library, String name, LuaFunction.Code code) {
        library.put(name, new LuaFunction.Library(code));
    }
}
