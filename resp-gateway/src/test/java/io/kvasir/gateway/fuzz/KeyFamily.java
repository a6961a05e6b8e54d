package io.kvasir.gateway.fuzz;

import static io.kvasir.gateway.fuzz.Grammar.anyOf;
import static io.kvasir.gateway.fuzz.Grammar.either;
import static io.kvasir.gateway.fuzz.Grammar.instant;
import static io.kvasir.gateway.fuzz.Grammar.maybe;
import static io.kvasir.gateway.fuzz.Grammar.number;
import static io.kvasir.gateway.fuzz.Grammar.span;
import static io.kvasir.gateway.fuzz.Grammar.times;
import static io.kvasir.gateway.fuzz.Grammar.word;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The commands over keys whatever their type: expiry, renaming, copying, iteration, databases. */
public final class KeyFamily {

    /** The keys of all scripts; they lie in different slots but for the two with one hash tag. */
    static final String[] KEYS = {"k1", "k2", "k3", "{t}a", "{t}b", "\0\u00ff"};

    private KeyFamily() {}

    public static Family family() {
        return new Family("keys", grammar(), rules(), audit()).reachingAll();
    }

    static Grammar.Part key() {
        return anyOf(KEYS);
    }

    private static Grammar grammar() {
        Grammar.Part condition = maybe(2, times(1, 2, anyOf("NX", "XX", "GT", "LT", "gt")));
        Grammar.Part pattern = anyOf("*", "k*", "k[12]", "{t}?", "?1", "[^k]*", "", "\\k1", "**", "nothing");
        Grammar.Part scanOption = either(
                list(word("MATCH"), pattern),
                list(word("COUNT"), anyOf("1", "2", "10", "1000")),
                list(word("TYPE"), anyOf("string", "hash", "STRING", "list", "none")));
        return new Grammar()
                .add(10, "SET", key(), anyOf("v", "12", "9999", "10000", "x".repeat(44), "x".repeat(45), ""))
                .add(3, "SET", key(), anyOf("v", "13"), word("EX"), span(1))
                .add(6, "HSET", key(), anyOf("f", "g"), anyOf("v", "x".repeat(64), "x".repeat(65)))
                .add(4, "DEL", times(1, 3, key()))
                .add(1, "UNLINK", times(1, 3, key()))
                .add(3, "EXISTS", times(1, 3, key()))
                .add(1, "TOUCH", times(1, 3, key()))
                .add(3, "TYPE", key())
                .add(5, "EXPIRE", key(), span(1), condition)
                .add(3, "PEXPIRE", key(), span(1000), condition)
                .add(3, "EXPIREAT", key(), either(instant(1), anyOf("1", "-5", "0")), condition)
                .add(3, "PEXPIREAT", key(), either(instant(1000), anyOf("1", "-5", "0")), condition)
                .add(3, "TTL", key())
                .add(2, "PTTL", key())
                .add(2, "EXPIRETIME", key())
                .add(2, "PEXPIRETIME", key())
                .add(3, "PERSIST", key())
                .add(4, "RENAME", key(), key())
                .add(4, "RENAMENX", key(), key())
                .add(
                        6,
                        "COPY",
                        key(),
                        key(),
                        times(0, 2, either(word("REPLACE"), list(word("DB"), anyOf("0", "1", "15", "16", "-1")))))
                .add(4, "MOVE", key(), anyOf("0", "1", "1", "15", "16", "-1", "2147483648"))
                .add(4, "OBJECT ENCODING", key())
                .add(2, "OBJECT REFCOUNT", key())
                .add(1, "OBJECT IDLETIME", key())
                .add(1, "OBJECT FREQ", key())
                .add(1, "OBJECT HELP")
                .add(1, "OBJECT", anyOf("NOTHING", "encoding"))
                .add(2, "RANDOMKEY")
                .add(3, "KEYS", pattern)
                .add(6, "SCAN", anyOf("0", "0", "0", "17", "x", "-1", "01"), times(0, 2, scanOption))
                .add(3, "DBSIZE")
                .add(3, "SELECT", number(0, 1))
                .add(1, "SWAPDB", anyOf("0", "1"), anyOf("0", "1", "15", "16", "-1"))
                .add(1, "FLUSHDB", maybe(2, anyOf("ASYNC", "SYNC", "NOW")))
                .add(1, "FLUSHALL", maybe(2, anyOf("ASYNC", "sync", "NOW")));
    }

    private static Grammar.Part list(Grammar.Part... parts) {
        return times(1, 1, parts);
    }

    private static Comparison.Rules rules() {
        return new Comparison.Rules(Map.of(
                "KEYS", Comparison.UNORDERED,
                "SCAN", Comparison.fullScan(1, false),
                // Redis shares small integers, but not those that COPY made; Kvasir goes by the value alone. Idle times
                // are 0.
                "OBJECT",
                        exchange -> exchange.words().has("REFCOUNT", 1)
                                        || exchange.words().has("IDLETIME", 1)
                                ? Comparison.SHAPE.compare(exchange)
                                : Comparison.EXACT.compare(exchange),
                "TTL", Comparison.withinSeconds(1),
                "PTTL", Comparison.withinMillis(2_000),
                "EXPIRETIME", Comparison.withinSeconds(1),
                "PEXPIRETIME", Comparison.withinMillis(2_000),
                "RANDOMKEY", Comparison.drawnFrom(words -> Words.of("KEYS *"), words -> false, words -> false)));
    }

    private static List<Words> audit() {
        List<Words> audit = new ArrayList<>();
        for (String database : List.of("0", "1", "15")) {
            audit.add(Words.of("SELECT", database));
            audit.add(Words.of("DBSIZE"));
            audit.add(Words.of("KEYS", "*"));
            audit.add(Words.of("SCAN", "0"));
            for (String key : KEYS) {
                audit.add(Words.of("TYPE", key));
                audit.add(Words.of("PEXPIRETIME", key));
                audit.add(Words.of("OBJECT", "ENCODING", key));
                audit.add(Words.of("GET", key));
                audit.add(Words.of("HGET", key, "f"));
            }
        }
        return audit;
    }
}
