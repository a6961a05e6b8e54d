package io.kvasir.gateway.fuzz;

import java.util.List;

/** All families of commands that are compared. */
public final class Families {

    private Families() {}

    public static List<Family> all() {
        return List.of(
                StringFamily.family(),
                BitmapFamily.family(),
                KeyFamily.family(),
                HashFamily.family(),
                ListFamily.family(),
                SetFamily.family(),
                HyperLogLogFamily.family(),
                SortedSetFamily.family(),
                GeoFamily.family(),
                StreamFamily.family(),
                DumpFamily.family());
    }
}
