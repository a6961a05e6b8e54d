package io.kvasir.gateway.fuzz;

import static io.kvasir.gateway.fuzz.Grammar.anyOf;
import static io.kvasir.gateway.fuzz.Grammar.blob;
import static io.kvasir.gateway.fuzz.Grammar.either;
import static io.kvasir.gateway.fuzz.Grammar.maybe;
import static io.kvasir.gateway.fuzz.Grammar.number;
import static io.kvasir.gateway.fuzz.Grammar.numbered;
import static io.kvasir.gateway.fuzz.Grammar.times;
import static io.kvasir.gateway.fuzz.Grammar.word;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The commands over hashes. Values are now and then so long that a hash leaves its root record. */
public final class HashFamily {

    private static final String[] KEYS = {"h1", "h1", "h1", "h2", "s"};

    private HashFamily() {}

    public static Family family() {
        return new Family("hashes", grammar(), rules(), audit());
    }

    private static Grammar grammar() {
        Grammar.Part key = anyOf(KEYS);
        Grammar.Part field = either(anyOf("f1", "f2", "f3", "f1", "f2", "", "a\0b", "x".repeat(65)), number(0, 40));
        Grammar.Part numeric = anyOf("1", "-1", "10", "3.5", "-0.1", "1e2", "5e-1", "9223372036854775807", "0");
        Grammar.Part value =
                either(numeric, anyOf("v", "w", "", "x".repeat(64), "x".repeat(65), "y".repeat(300)), blob(0, 20));
        Grammar.Part pattern = anyOf("*", "f*", "[1-3]*", "?", "nothing");
        return new Grammar()
                .add(1, "SET", anyOf("s", "h2"), word("v"))
                .add(2, "DEL", key)
                .add(8, "HSET", key, times(1, 3, field, value))
                .add(2, "HSET", key, times(10, 60, either(number(0, 400), field), value))
                // About as many fields as make a table of a listpack, and none too long for one.
                .add(2, "HSET", word("h3"), numbered("e", 510, 514, word("v")))
                .add(2, "HSETNX", word("h3"), anyOf("a", "b", "e1"), word("v"))
                .add(2, "HDEL", word("h3"), anyOf("a", "e1", "e2"))
                .add(1, "DEL", word("h3"))
                .add(4, "OBJECT ENCODING", word("h3"))
                .add(3, "HSETNX", key, field, value)
                .add(2, "HMSET", key, times(1, 3, field, value))
                .add(4, "HGET", key, field)
                .add(3, "HMGET", key, times(1, 4, field))
                .add(3, "HGETALL", key)
                .add(2, "HKEYS", key)
                .add(2, "HVALS", key)
                .add(3, "HLEN", key)
                .add(3, "HSTRLEN", key, field)
                .add(3, "HEXISTS", key, field)
                .add(6, "HDEL", key, times(1, 4, field))
                .add(1, "HDEL", key, times(20, 60, field))
                .add(5, "HINCRBY", key, field, either(number(-20, 20), numeric))
                .add(5, "HINCRBYFLOAT", key, field, either(numeric, anyOf("0.1", "3.0", "1e17", "-1.5e-3")))
                .add(5, "HRANDFIELD", key, maybe(2, number(-12, 12), maybe(2, word("WITHVALUES"))))
                .add(5, "HSCAN", key, anyOf("0", "0", "5", "x"), times(0, 2, scanOption(pattern)))
                .add(4, "OBJECT ENCODING", key)
                .add(1, "TYPE", key)
                .add(1, "COPY", key, anyOf("h1", "h2"), maybe(2, word("REPLACE")))
                .add(1, "RENAME", key, anyOf("h1", "h2"))
                .add(1, "EXPIRE", key, Grammar.span(1))
                .add(1, "TTL", key);
    }

    private static Grammar.Part scanOption(Grammar.Part pattern) {
        return either(
                times(1, 1, word("MATCH"), pattern), times(1, 1, word("COUNT"), anyOf("1", "3", "10", "1000", "0")));
    }

    private static Comparison.Rules rules() {
        Map<String, Comparison> rules = new HashMap<>();
        rules.put("HGETALL", Comparison.UNORDERED_PAIRS);
        rules.put("HKEYS", Comparison.UNORDERED);
        rules.put("HVALS", Comparison.UNORDERED);
        rules.put("HSCAN", Comparison.fullScan(2, true));
        rules.put("TTL", Comparison.withinSeconds(1));
        rules.put("HRANDFIELD", Comparison.asking(exchange -> {
            boolean pairs = exchange.words().has("WITHVALUES", 3);
            String pool = pairs ? "HGETALL" : "HKEYS";
            return Comparison.drawnFrom(
                            words -> Words.of(pool).append(words.get(1)),
                            words -> words.size() > 2 && !words.text(2).startsWith("-"),
                            words -> pairs)
                    .compare(exchange);
        }));
        return new Comparison.Rules(rules);
    }

    private static List<Words> audit() {
        List<Words> audit = new ArrayList<>();
        for (String key : List.of("h1", "h2", "h3", "s")) {
            for (String command : List.of("TYPE", "HLEN", "HGETALL", "HKEYS", "HVALS", "TTL")) {
                audit.add(Words.of(command, key));
            }
            audit.add(Words.of("OBJECT", "ENCODING", key));
            audit.add(Words.of("HSCAN", key, "0", "COUNT", "3"));
        }
        return audit;
    }
}
