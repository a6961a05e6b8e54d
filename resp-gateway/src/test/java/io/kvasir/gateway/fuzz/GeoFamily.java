package io.kvasir.gateway.fuzz;

import static io.kvasir.gateway.fuzz.Grammar.anyOf;
import static io.kvasir.gateway.fuzz.Grammar.either;
import static io.kvasir.gateway.fuzz.Grammar.maybe;
import static io.kvasir.gateway.fuzz.Grammar.number;
import static io.kvasir.gateway.fuzz.Grammar.times;
import static io.kvasir.gateway.fuzz.Grammar.word;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The commands over places. No two members are at one place, because Redis leaves the order of equal distances to the C
 * library's sort.
 */
public final class GeoFamily {

    private static final String[] KEYS = {"g1", "g1", "g1", "g2", "s", "none"};

    private GeoFamily() {}

    public static Family family() {
        return new Family("geo", grammar(), rules(), audit());
    }

    /** A place within the bounds, with digits that make it different from all others. */
    private static Grammar.Part place() {
        return (chance, words) -> {
            boolean near = chance.oneIn(2);
            double longitude = near ? 10 + chance.below(2_000_000) / 1e6 : chance.between(-180, 179) + spread(chance);
            double latitude = near ? 45 + chance.below(2_000_000) / 1e6 : chance.between(-85, 84) + spread(chance);
            words.add(Words.bytes(String.format(Locale.ROOT, "%.9f", longitude)));
            words.add(Words.bytes(String.format(Locale.ROOT, "%.9f", latitude)));
        };
    }

    private static Grammar.Part latitude() {
        return (chance, words) ->
                words.add(Words.bytes(String.format(Locale.ROOT, "%.9f", chance.between(-86, 86) + spread(chance))));
    }

    private static double spread(Chance chance) {
        return chance.below(1_000_000_000) / 1e9;
    }

    private static Grammar grammar() {
        Grammar.Part key = anyOf(KEYS);
        Grammar.Part member = either(anyOf("a", "b", "c", "d"), number(0, 30), number(0, 300));
        Grammar.Part edge = times(1, 1, anyOf("180", "-180", "13.5", "181"), latitude());
        Grammar.Part place = either(place(), place(), place(), edge);
        Grammar.Part centre = either(place(), times(1, 1, number(-180, 180), number(-85, 85)));
        Grammar.Part extent = either(
                number(0, 200), number(0, 2_000_000), anyOf("0.5", "1e7", "3e7", "0", "50000.25", "-1", "x", "inf"));
        Grammar.Part unit = anyOf("m", "km", "ft", "mi", "M", "km", "m", "x");
        Grammar.Part shown = times(0, 2, anyOf("WITHDIST", "WITHCOORD", "WITHHASH"));
        Grammar.Part order = maybe(2, anyOf("ASC", "DESC"));
        Grammar.Part count = maybe(3, word("COUNT"), number(0, 20), maybe(3, word("ANY")));
        Grammar.Part store = maybe(
                2,
                either(
                        times(1, 1, word("STORE"), anyOf("g2", "g3", "s")),
                        // Distances are no places of their own: nothing is searched for in "g3".
                        times(1, 1, word("STOREDIST"), word("g3"))));
        Grammar.Part circle = times(1, 1, word("BYRADIUS"), extent, unit);
        Grammar.Part box = times(1, 1, word("BYBOX"), extent, extent, unit);
        Grammar.Part from = either(times(1, 1, word("FROMLONLAT"), centre), times(1, 1, word("FROMMEMBER"), member));
        Grammar.Part search = times(1, 1, from, either(circle, box), order, count);
        return new Grammar()
                .add(1, "SET", word("s"), word("v"))
                .add(1, "DEL", key)
                .add(10, "GEOADD", key, times(0, 2, anyOf("NX", "XX", "CH")), times(1, 4, place, member))
                .add(6, "GEOADD", key, times(20, 60, place, member))
                .add(1, "GEOADD", key, times(150, 250, place, member))
                .add(4, "GEOPOS", key, times(0, 3, member))
                .add(4, "GEOHASH", key, times(0, 3, member))
                .add(6, "GEODIST", key, member, member, maybe(2, unit))
                .add(12, "GEOSEARCH", key, search, shown)
                .add(4, "GEOSEARCHSTORE", anyOf("g2", "g3", "s"), key, search)
                .add(3, "GEOSEARCHSTORE", word("g3"), key, search, word("STOREDIST"))
                .add(4, "GEORADIUS", key, centre, extent, unit, shown, order, count)
                .add(4, "GEORADIUS", key, centre, extent, unit, order, count, store)
                .add(3, "GEORADIUS_RO", key, centre, extent, unit, shown, order, count)
                .add(4, "GEORADIUSBYMEMBER", key, member, extent, unit, shown, order, count)
                .add(3, "GEORADIUSBYMEMBER", key, member, extent, unit, order, count, store)
                .add(3, "GEORADIUSBYMEMBER_RO", key, member, extent, unit, shown, order, count)
                // No two members have one place: those at one distance come in the order that C's sort leaves in Redis.
                .add(
                        1,
                        "ZADD",
                        key,
                        either(
                                times(1, 1, anyOf("-5"), anyOf("below")),
                                times(1, 1, anyOf("1e17"), anyOf("above")),
                                times(1, 1, anyOf("1.5"), anyOf("first")),
                                times(1, 1, anyOf("4503599627370496"), anyOf("last"))))
                .add(1, "ZREM", key, times(1, 5, member));
    }

    private static Comparison.Rules rules() {
        Map<String, Comparison> rules = new HashMap<>();
        for (String name : List.of(
                "GEOPOS",
                "GEOSEARCH",
                "GEORADIUS",
                "GEORADIUS_RO",
                "GEORADIUSBYMEMBER",
                "GEORADIUSBYMEMBER_RO",
                "ZSCORE")) {
            rules.put(name, Numerals.byValue(Comparison.EXACT));
        }
        rules.put("ZRANGE", Numerals.NEARLY);
        return new Comparison.Rules(rules);
    }

    private static List<Words> audit() {
        List<Words> audit = new ArrayList<>();
        for (String key : List.of("g1", "g2", "g3", "s")) {
            audit.add(Words.of("TYPE", key));
            audit.add(Words.of("ZRANGE", key, "0", "-1", "WITHSCORES"));
            audit.add(Words.of("GEOHASH", key, "a", "b", "1"));
            audit.add(Words.of(
                    "GEOSEARCH",
                    key.replace('3', '2'),
                    "FROMLONLAT",
                    "11",
                    "46",
                    "BYRADIUS",
                    "90",
                    "km",
                    "ASC",
                    "WITHDIST"));
            audit.add(Words.of("OBJECT", "ENCODING", key));
        }
        return audit;
    }
}
