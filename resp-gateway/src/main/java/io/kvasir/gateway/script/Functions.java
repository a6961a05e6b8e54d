package io.kvasir.gateway.script;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.script.FunctionLibrary.Function;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All libraries at one moment, by name, and their functions, whose names mean the same in any case. Immutable. */
final class Functions {

    static final Functions NONE = new Functions(new TreeMap<>());

    private final SortedMap<String, FunctionLibrary> libraries;
    private final Map<String, Found> functions = new HashMap<>();

    /** A function and where it is from. */
    record Found(FunctionLibrary library, Function function) {}

    private Functions(SortedMap<String, FunctionLibrary> libraries) {
        this.libraries = libraries;
        for (FunctionLibrary library : libraries.values()) {
            library.functions()
                    .forEach((name, function) -> functions.putIfAbsent(key(name), new Found(library, function)));
        }
    }

    /** Returns these libraries, which were together before. */
    static Functions of(Collection<FunctionLibrary> libraries) {
        SortedMap<String, FunctionLibrary> byName = new TreeMap<>();
        libraries.forEach(library -> byName.put(library.name(), library));
        return new Functions(byName);
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    Collection<FunctionLibrary> libraries() {
        return Collections.unmodifiableCollection(libraries.values());
    }

    /** Returns the library named {@code name}, null if there is none. */
    @Nullable
    FunctionLibrary library(String name) {
        return libraries.get(name);
    }

    /** Returns the number of functions. */
    int count() {
        return libraries.values().stream()
                .mapToInt(library -> library.functions().size())
                .sum();
    }

    /** Returns the function named {@code name} in any case, null if there is none. */
    @Nullable
    Found find(String name) {
        return functions.get(key(name));
    }

    /** Returns these without the library named {@code name}. */
    Functions without(String name) {
        SortedMap<String, FunctionLibrary> fewer = new TreeMap<>(libraries);
        fewer.remove(name);
        return new Functions(fewer);
    }

    /**
     * Returns these and {@code library}, in the place of one of its name.
     *
     * @throws CommandError if another library has a function of the same name
     */
    Functions with(FunctionLibrary library) throws CommandError {
        Functions others = without(library.name());
        for (String name : library.functions().keySet()) {
            if (others.find(name) != null) {
                throw new CommandError("ERR Function " + name + " already exists");
            }
        }
        SortedMap<String, FunctionLibrary> more = new TreeMap<>(others.libraries);
        more.put(library.name(), library);
        return new Functions(more);
    }
}
