package io.kvasir.gateway.lua;

import static io.kvasir.gateway.lua.BaseLibrary.one;
import static io.kvasir.gateway.lua.StandardLibraries.put;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@code cjson}: JSON with the settings and error texts of lua-cjson 2.1.0. Settings last for one run. */
final class JsonLibrary {

    private static final int DEPTH_LIMIT_MAX = Integer.MAX_VALUE;

    /** What scripts may change. */
    static final class Settings {

        boolean sparseConvert;
        int sparseRatio = 2;
        int sparseSafe = 10;
        int encodeDepthMax = 1_000;
        int decodeDepthMax = 1_000;
        int precision = 14;
        boolean encodeInvalid;
        boolean encodeInvalidAsNull;
        boolean decodeInvalid = true;
        boolean keepBuffer = true;
    }

    private JsonLibrary() {}

    /** Returns the library with the settings of the run that calls it. */
    static LuaTable make() {
        return make(Lua::jsonSettings);
    }

    private static LuaTable make(Function<Lua, Settings> of) {
        LuaTable library = new LuaTable();
        library.put("_NAME", LuaString.of("cjson"));
        library.put("_VERSION", LuaString.of("2.1.0"));
        library.put("null", LightUserdata.NULL);
        put(library, "new", (_, _) -> {
            Settings own = new Settings();
            return one(make(_ -> own));
        });
        put(library, "encode", (lua, arguments) -> {
            requireOne(arguments);
            return one(new JsonEncoder(lua, of.apply(lua)).encode(arguments.get(1)));
        });
        put(library, "decode", (lua, arguments) -> {
            requireOne(arguments);
            return one(new JsonDecoder(lua, of.apply(lua), arguments.string(1)).decode());
        });
        put(library, "encode_sparse_array", (lua, arguments) -> sparse(of.apply(lua), arguments));
        put(library, "encode_max_depth", (lua, arguments) -> {
            Settings settings = of.apply(lua);
            settings.encodeDepthMax = number(arguments, 1, 1, DEPTH_LIMIT_MAX, settings.encodeDepthMax);
            return one((double) settings.encodeDepthMax);
        });
        put(library, "decode_max_depth", (lua, arguments) -> {
            Settings settings = of.apply(lua);
            settings.decodeDepthMax = number(arguments, 1, 1, DEPTH_LIMIT_MAX, settings.decodeDepthMax);
            return one((double) settings.decodeDepthMax);
        });
        put(library, "encode_number_precision", (lua, arguments) -> {
            Settings settings = of.apply(lua);
            settings.precision = number(arguments, 1, 1, 14, settings.precision);
            return one((double) settings.precision);
        });
        put(library, "encode_keep_buffer", (lua, arguments) -> {
            Settings settings = of.apply(lua);
            settings.keepBuffer = truth(arguments, settings.keepBuffer);
            return one(settings.keepBuffer);
        });
        put(library, "encode_invalid_numbers", (lua, arguments) -> encodeInvalid(of.apply(lua), arguments));
        put(library, "decode_invalid_numbers", (lua, arguments) -> {
            Settings settings = of.apply(lua);
            settings.decodeInvalid = truth(arguments, settings.decodeInvalid);
            return one(settings.decodeInvalid);
        });
        return library;
    }

    private static void requireOne(Arguments arguments) {
        if (arguments.count() != 1) {
            throw new BadArgument(1, "expected 1 argument");
        }
    }

    private static int number(Arguments arguments, int index, int least, int most, int otherwise) {
        if (arguments.get(index) == null) {
            return otherwise;
        }
        long value = arguments.integer(index);
        if (value < least || value > most) {
            throw new BadArgument(index, "expected integer between " + least + " and " + most);
        }
        return (int) value;
    }

    private static boolean truth(Arguments arguments, boolean otherwise) {
        Object value = arguments.get(1);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Boolean truth) {
            return truth;
        }
        return option(arguments, "off", "on") == 1;
    }

    private static int option(Arguments arguments, String... options) {
        String given = arguments.string(1).toString();
        for (int i = 0; i < options.length; i++) {
            if (options[i].equals(given)) {
                return i;
            }
        }
        throw new BadArgument(1, "invalid option '" + given + "'");
    }

    private static @Nullable Object[] sparse(Settings settings, Arguments arguments) {
        settings.sparseConvert = truth(arguments, settings.sparseConvert);
        settings.sparseRatio = number(arguments, 2, 0, Integer.MAX_VALUE, settings.sparseRatio);
        settings.sparseSafe = number(arguments, 3, 0, Integer.MAX_VALUE, settings.sparseSafe);
        return new Object[] {settings.sparseConvert, (double) settings.sparseRatio, (double) settings.sparseSafe};
    }

    private static @Nullable Object[] encodeInvalid(Settings settings, Arguments arguments) {
        Object value = arguments.get(1);
        if (value instanceof Boolean truth) {
            settings.encodeInvalid = truth;
            settings.encodeInvalidAsNull = false;
        } else if (value != null) {
            int option = option(arguments, "off", "on", "null");
            settings.encodeInvalid = option > 0;
            settings.encodeInvalidAsNull = option == 2;
        }
        return one(settings.encodeInvalidAsNull ? LuaString.of("null") : (Object) settings.encodeInvalid);
    }
}
