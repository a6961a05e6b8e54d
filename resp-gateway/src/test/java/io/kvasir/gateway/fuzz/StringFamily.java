package io.kvasir.gateway.fuzz;

import static io.kvasir.gateway.fuzz.Grammar.anyOf;
import static io.kvasir.gateway.fuzz.Grammar.blob;
import static io.kvasir.gateway.fuzz.Grammar.either;
import static io.kvasir.gateway.fuzz.Grammar.instant;
import static io.kvasir.gateway.fuzz.Grammar.maybe;
import static io.kvasir.gateway.fuzz.Grammar.number;
import static io.kvasir.gateway.fuzz.Grammar.span;
import static io.kvasir.gateway.fuzz.Grammar.times;
import static io.kvasir.gateway.fuzz.Grammar.word;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The commands over strings, and a hash among their keys. Values are now and then longer than one record. */
public final class StringFamily {

    private static final List<String> KEYS = List.of("a", "b", "c", "n", "f", "hash");

    private StringFamily() {}

    public static Family family() {
        return new Family("strings", grammar(), rules(), audit());
    }

    private static Grammar grammar() {
        Grammar.Part key = anyOf("a", "a", "b", "b", "c", "n", "f", "hash");
        Grammar.Part integer = either(
                number(-20, 20), anyOf("9223372036854775807", "-9223372036854775808", "9223372036854775806", "10"));
        Grammar.Part real = anyOf("0.1", "-0.1", "3.0", "1e2", "5e-1", "1e17", "-1.5e-3", "12345678.9", "1e-10", "0");
        Grammar.Part value = either(
                integer,
                real,
                anyOf("v", "", "ab\0cd", "ohmytext", "mynewtext", "x".repeat(44), "y".repeat(300), "z".repeat(5_000)),
                blob(0, 40));
        Grammar.Part edge = either(number(-8, 8), number(-400, 400));
        Grammar.Part expiry = either(
                list(anyOf("EX", "ex"), span(1)),
                list(word("PX"), span(1_000)),
                list(word("EXAT"), instant(1)),
                list(word("PXAT"), instant(1_000)));
        return new Grammar()
                .add(1, "HSET", word("hash"), word("f"), word("v"))
                .add(2, "DEL", times(1, 3, key))
                .add(8, "SET", key, value)
                .add(
                        8,
                        "SET",
                        key,
                        value,
                        times(0, 3, either(anyOf("NX", "XX", "GET", "KEEPTTL", "nx", "Get"), expiry)))
                .add(2, "SETNX", key, value)
                .add(2, "SETEX", key, span(1), value)
                .add(2, "PSETEX", key, span(1_000), value)
                .add(5, "GET", key)
                .add(3, "GETSET", key, value)
                .add(3, "GETDEL", key)
                .add(4, "GETEX", key, maybe(2, either(expiry, expiry, word("PERSIST"))), maybe(9, word("PERSIST")))
                .add(3, "MGET", times(1, 4, key))
                .add(3, "MSET", times(1, 3, key, value))
                .add(3, "MSETNX", times(1, 3, key, value))
                .add(5, "APPEND", key, value)
                .add(3, "STRLEN", key)
                .add(4, "GETRANGE", key, edge, edge)
                .add(1, "SUBSTR", key, edge, edge)
                .add(4, "SETRANGE", key, either(number(-1, 60), number(0, 9_000), anyOf("536870912")), value)
                .add(4, "INCR", anyOf("n", "n", "a", "hash"))
                .add(3, "DECR", anyOf("n", "n", "b", "hash"))
                .add(4, "INCRBY", anyOf("n", "n", "a", "hash"), integer)
                .add(4, "DECRBY", anyOf("n", "n", "b", "hash"), integer)
                .add(6, "INCRBYFLOAT", anyOf("f", "f", "n", "a", "hash"), either(real, integer))
                .add(2, "SET", anyOf("n", "f"), either(integer, real))
                // Redis looks at the types of both keys before it looks at the options, so none is a hash.
                .add(
                        5,
                        "LCS",
                        anyOf("a", "b", "c"),
                        anyOf("a", "b", "c"),
                        times(
                                0,
                                3,
                                either(
                                        word("LEN"),
                                        word("IDX"),
                                        word("IDX"),
                                        word("WITHMATCHLEN"),
                                        list(word("MINMATCHLEN"), number(-1, 6)))))
                .add(1, "TYPE", key)
                .add(2, "COPY", key, anyOf("a", "b"), maybe(2, word("REPLACE")))
                .add(2, "RENAME", anyOf("a", "b", "c"), anyOf("a", "b", "c"))
                .add(2, "EXPIRE", key, span(1))
                .add(2, "PERSIST", key)
                .add(2, "TTL", key)
                .add(1, "PEXPIRETIME", key);
    }

    private static Grammar.Part list(Grammar.Part... parts) {
        return times(1, 1, parts);
    }

    private static Comparison.Rules rules() {
        Map<String, Comparison> rules = new HashMap<>();
        rules.put("TTL", Comparison.withinSeconds(1));
        rules.put("PEXPIRETIME", Comparison.withinMillis(2_000));
        return new Comparison.Rules(rules);
    }

    private static List<Words> audit() {
        List<Words> audit = new ArrayList<>();
        for (String key : KEYS) {
            for (String command : List.of("TYPE", "GET", "STRLEN", "PEXPIRETIME")) {
                audit.add(Words.of(command, key));
            }
        }
        audit.add(Words.of("MGET a b c n f hash none"));
        return audit;
    }
}
