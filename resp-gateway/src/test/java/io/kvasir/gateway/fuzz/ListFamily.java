package io.kvasir.gateway.fuzz;

import static io.kvasir.gateway.fuzz.Grammar.anyOf;
import static io.kvasir.gateway.fuzz.Grammar.blob;
import static io.kvasir.gateway.fuzz.Grammar.either;
import static io.kvasir.gateway.fuzz.Grammar.maybe;
import static io.kvasir.gateway.fuzz.Grammar.number;
import static io.kvasir.gateway.fuzz.Grammar.times;
import static io.kvasir.gateway.fuzz.Grammar.word;

import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The commands over lists. Elements are now and then so long that a list has many chunks and a tree of them. */
public final class ListFamily {

    private static final String[] KEYS = {"{l}1", "{l}1", "{l}1", "{l}2", "{l}2", "{l}s"};

    private ListFamily() {}

    public static Family family() {
        return new Family("lists", grammar(), rules(), audit());
    }

    private static Grammar grammar() {
        Grammar.Part key = anyOf(KEYS);
        Grammar.Part short_ = anyOf("a", "b", "c", "a", "b", "", "1", "12345", "-7", "a\0b");
        Grammar.Part long_ =
                anyOf("x".repeat(200), "y".repeat(400), "z".repeat(600), "v".repeat(1_021), "w".repeat(1_500));
        Grammar.Part element = either(short_, short_, number(0, 30), blob(0, 20), long_);
        Grammar.Part index = either(number(-6, 6), number(-150, 150));
        Grammar.Part wait = anyOf("0.001", "0.002", "-1", "x"); // nobody else brings anything
        Grammar.Part end = anyOf("LEFT", "RIGHT", "left", "Right");
        return new Grammar()
                // Redis 7.0 takes the one number that cannot be negated; Kvasir refuses it, as 7.2 does.
                .without(
                        words -> List.of("LREM", "LPOS").contains(words.name()) && words.has("-9223372036854775808", 1))
                .without(ListFamily::sortsByChance)
                // After a number too large for strtod, SORT of Redis 7.0 takes every later text for one.
                .without(words -> words.has("3.0e+400", 1))
                // A locale's order ends at a zero byte, so that of such members is left to chance.
                .without(words ->
                        words.size() > 1 && List.of("{l}set", "{l}z").contains(words.text(1)) && words.has("\0", 2))
                .add(1, "SET", anyOf("{l}s", "{l}2"), word("v"))
                .add(1, "DEL", key)
                .add(6, "RPUSH", key, times(1, 4, element))
                .add(6, "LPUSH", key, times(1, 4, element))
                .add(3, "RPUSH", key, times(20, 90, either(element, long_)))
                .add(3, "LPUSH", key, times(20, 90, either(element, long_)))
                .add(2, "LPUSHX", key, times(1, 3, element))
                .add(2, "RPUSHX", key, times(1, 3, element))
                .add(4, "LPOP", key, maybe(2, number(-1, 30)))
                .add(4, "RPOP", key, maybe(2, number(-1, 30)))
                .add(3, "LLEN", key)
                .add(4, "LRANGE", key, index, index)
                .add(6, "LINDEX", key, index)
                .add(7, "LSET", key, index, element)
                .add(8, "LINSERT", key, anyOf("BEFORE", "AFTER", "before", "At"), element, element)
                .add(5, "LREM", key, number(-4, 4), element)
                .add(3, "LTRIM", key, index, index)
                .add(2, "LTRIM", key, number(0, 20), number(-20, 200))
                .add(
                        6,
                        "LPOS",
                        key,
                        element,
                        times(
                                0,
                                3,
                                either(
                                        times(1, 1, word("RANK"), number(-4, 4)),
                                        times(1, 1, word("COUNT"), number(-1, 6)),
                                        times(1, 1, word("MAXLEN"), number(-1, 60)))))
                .add(4, "LMOVE", key, key, end, end)
                .add(3, "RPOPLPUSH", key, key)
                .add(4, "LMPOP", anyOf("1", "2", "2", "3", "0", "x"), times(1, 3, key), end, maybe(2, count()))
                .add(1, "BLPOP", times(1, 3, key), wait)
                .add(1, "BRPOP", times(1, 3, key), wait)
                .add(1, "BLMOVE", key, key, end, end, wait)
                .add(1, "BRPOPLPUSH", key, key, wait)
                .add(1, "BLMPOP", wait, anyOf("1", "2", "3", "0", "x"), times(1, 3, key), end, maybe(2, count()))
                .addAll(sorting())
                .add(1, "TYPE", key)
                .add(2, "COPY", key, key, maybe(2, word("REPLACE")))
                .add(2, "RENAME", key, key)
                .add(1, "EXPIRE", key, Grammar.span(1))
                .add(1, "TTL", key);
    }

    /** SORT, over keys of its own and now and then over any. */
    private static Grammar sorting() {
        Grammar.Part key = anyOf("{l}n", "{l}n", "{l}set", "{l}z", "{l}1", "{l}s", "{l}2");
        Grammar.Part number = either(number(-9, 30), anyOf("1.5", "1e1", "0x10", "", " 3", "007", "-0"));
        Grammar.Part pattern = anyOf(
                "{l}w_*", "{l}w_*", "{l}h_*->f", "{l}h_*->f", "#", "nosort", "{l}h_*->", "{l}w_*->f", "{l}n*", "*", "");
        Grammar.Part option = either(
                either(word("ASC"), word("DESC")),
                word("ALPHA"),
                times(1, 1, word("LIMIT"), number(-2, 9), number(-2, 9)),
                times(1, 1, word("BY"), pattern),
                times(1, 1, word("GET"), pattern));
        Grammar.Part target = maybe(4, word("STORE"), anyOf("{l}1", "{l}d", "{l}s", "{l}d"));
        return new Grammar()
                .add(4, "RPUSH", word("{l}n"), times(1, 6, number))
                .add(2, "SADD", word("{l}set"), times(1, 6, number))
                .add(2, "ZADD", word("{l}z"), times(1, 4, number(-5, 5), number))
                .add(2, "SET", numberedKey("{l}w_"), either(number, number, word("x")))
                .add(2, "HSET", numberedKey("{l}h_"), word("f"), number)
                .add(1, "DEL", anyOf("{l}n", "{l}set", "{l}z", "{l}d"))
                .add(9, "SORT", key, times(0, 4, option), target)
                .add(2, "SORT_RO", key, times(0, 4, option), maybe(20, target));
    }

    private static Grammar.Part numberedKey(String stem) {
        return (chance, words) -> words.add(Words.bytes(stem + chance.between(-2, 9)));
    }

    /**
     * Whether the answer is a matter of chance: the order of a set that is not sorted, or that of elements whose
     * compared values are alike, as all are that lack one; or bytes that a locale would order.
     */
    private static boolean sortsByChance(Words words) {
        if (!words.name().startsWith("SORT") || words.size() < 3) {
            return false;
        }
        boolean unsortedSet = words.text(1).equals("{l}set") && words.has("BY", 2) && !words.has("STORE", 2);
        // What another SORT stored in "{l}n" may hold a zero byte, at which a locale's order ends.
        boolean alike = words.has("ALPHA", 2)
                && (words.has("BY", 2) || !List.of("{l}set", "{l}z").contains(words.text(1)));
        return unsortedSet || alike;
    }

    private static Grammar.Part count() {
        return times(1, 1, word("COUNT"), number(0, 50));
    }

    private static Comparison.Rules rules() {
        return new Comparison.Rules(Map.of(
                "TTL",
                Comparison.withinSeconds(1),
                "BLMOVE",
                ListFamily::withAnyNull,
                "BRPOPLPUSH",
                ListFamily::withAnyNull));
    }

    /** Redis says by another null that the time is over than that there is nothing; in process no time passes. */
    private static Optional<String> withAnyNull(Comparison.Exchange exchange) {
        Reply left = exchange.leftReply() instanceof Reply.Null ? Reply.NULL : exchange.leftReply();
        Reply right = exchange.rightReply() instanceof Reply.Null ? Reply.NULL : exchange.rightReply();
        return Comparison.EXACT.compare(exchange.with(exchange.words(), left, right));
    }

    private static List<Words> audit() {
        List<Words> audit = new ArrayList<>();
        for (String key : List.of("{l}1", "{l}2", "{l}s")) {
            audit.add(Words.of("TYPE", key));
            audit.add(Words.of("LLEN", key));
            audit.add(Words.of("LRANGE", key, "0", "-1"));
            audit.add(Words.of("LINDEX", key, "40"));
            audit.add(Words.of("LPOS", key, "a", "RANK", "-2", "COUNT", "0"));
            audit.add(Words.of("TTL", key));
        }
        audit.add(Words.of("LRANGE", "{l}d", "0", "-1"));
        audit.add(Words.of("LRANGE", "{l}n", "0", "-1"));
        return audit;
    }
}
