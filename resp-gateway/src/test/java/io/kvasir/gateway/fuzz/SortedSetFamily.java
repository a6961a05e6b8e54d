package io.kvasir.gateway.fuzz;

import static io.kvasir.gateway.fuzz.Grammar.anyOf;
import static io.kvasir.gateway.fuzz.Grammar.blob;
import static io.kvasir.gateway.fuzz.Grammar.either;
import static io.kvasir.gateway.fuzz.Grammar.maybe;
import static io.kvasir.gateway.fuzz.Grammar.number;
import static io.kvasir.gateway.fuzz.Grammar.times;
import static io.kvasir.gateway.fuzz.Grammar.word;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The commands over sorted sets. Members are now and then so long or so many that a sorted set leaves its root record,
 * and its index has several levels. The members of "lex" have one score, because they come from a set: Redis leaves
 * open what ranges by member are otherwise.
 */
public final class SortedSetFamily {

    private static final String[] KEYS = {"z1", "z1", "z1", "z2", "z2", "z3", "s", "none"};

    private SortedSetFamily() {}

    public static Family family() {
        return new Family("zset", grammar(), rules(), audit());
    }

    private static Grammar grammar() {
        Grammar grammar = new Grammar();
        addScores(grammar);
        addRanges(grammar);
        addMembers(grammar);
        addSeveral(grammar);
        return grammar;
    }

    private static Grammar.Part key() {
        return anyOf(KEYS);
    }

    private static Grammar.Part member() {
        return either(
                anyOf("a", "b", "c", "a", "b", "", "a\0b", "\377", "1", "x".repeat(64), "x".repeat(65)),
                number(0, 40),
                number(0, 300),
                anyOf("y".repeat(300), "z".repeat(500)),
                blob(0, 3));
    }

    private static Grammar.Part score() {
        return either(
                number(-10, 10),
                number(-3, 3),
                number(-1000, 1000),
                anyOf("0.1", "1.5", "-2.25", "1e10", "3.0", "1e-7", "9007199254740993", "1e300", "-1e300", "4e-320"),
                anyOf("inf", "-inf", "+inf", "1e100", "0x10", "5e-324", "1234567890123456789", "0.30000000000000004"));
    }

    private static Grammar.Part bound() {
        return either(score(), number(-10, 10), anyOf("-inf", "+inf", "(1", "(0", "(-2.25", "(1.5", "(inf", "(", " 1"));
    }

    private static Grammar.Part lexBound() {
        return either(anyOf("-", "+", "[a", "(a", "[b", "(m5", "[m5", "[m20", "(m", "[", "(", "[\377", "a", "+a"));
    }

    private static Grammar.Part limit() {
        return times(1, 1, word("LIMIT"), number(-1, 6), number(-2, 8));
    }

    /** Members "m0" and on, each behind a score. */
    private static Grammar.Part many(int low, int high, Grammar.Part score) {
        return (chance, words) -> {
            int count = chance.between(low, high);
            int first = chance.below(3) * 50;
            for (int i = 0; i < count; i++) {
                score.write(chance, words);
                words.add(Words.bytes("m" + (first + i)));
            }
        };
    }

    private static void addScores(Grammar grammar) {
        Grammar.Part condition = anyOf("NX", "XX", "GT", "LT", "CH", "nx", "INCR");
        grammar.add(1, "SET", anyOf("s", "z3"), word("v"))
                .add(1, "SET", word("t"), word("v"))
                .add(1, "SADD", word("set"), times(1, 20, member()))
                .add(2, "DEL", key())
                .add(10, "ZADD", key(), times(1, 4, score(), member()))
                .add(6, "ZADD", key(), times(0, 3, condition), times(1, 2, score(), member()))
                .add(2, "ZADD", key(), many(20, 60, score()))
                .add(2, "ZADD", key(), many(100, 135, number(-50, 50)))
                .add(2, "ZADD", key(), many(250, 400, score()))
                // About as many members as make a skip list of a listpack, and none too long for one.
                .add(2, "ZADD", word("z4"), many(127, 129, number(0, 9)))
                .add(2, "ZADD", word("z4"), number(0, 9), anyOf("m3", "new"))
                .add(2, "ZREM", word("z4"), anyOf("m1", "m2", "new"))
                .add(3, "OBJECT ENCODING", word("z4"))
                .add(1, "DEL", word("z4"))
                .add(5, "ZINCRBY", key(), score(), member())
                .add(4, "ZSCORE", key(), member())
                .add(3, "ZMSCORE", key(), times(1, 4, member()))
                .add(3, "ZCARD", key())
                .add(4, "ZRANK", key(), member())
                .add(4, "ZREVRANK", key(), member());
    }

    private static void addRanges(Grammar grammar) {
        Grammar.Part rank = either(number(-6, 6), number(-200, 200), anyOf("0", "-1"));
        Grammar.Part scores = maybe(2, word("WITHSCORES"));
        grammar.add(4, "ZCOUNT", key(), bound(), bound())
                .add(5, "ZRANGE", key(), rank, rank, scores)
                .add(3, "ZRANGE", key(), rank, rank, maybe(2, word("REV")), scores)
                .add(3, "ZREVRANGE", key(), rank, rank, scores)
                .add(
                        5,
                        "ZRANGE",
                        key(),
                        bound(),
                        bound(),
                        word("BYSCORE"),
                        maybe(2, word("REV")),
                        maybe(2, limit()),
                        scores)
                .add(4, "ZRANGEBYSCORE", key(), bound(), bound(), scores, maybe(2, limit()))
                .add(4, "ZREVRANGEBYSCORE", key(), bound(), bound(), maybe(2, limit()), scores)
                .add(2, "SADD", word("names"), anyOf("a", "b", "ab", "", "\377", "m", "m5"))
                .add(1, "SADD", word("names"), (chance, words) -> {
                    for (int left = chance.between(10, 300); left > 0; left--) {
                        words.add(Words.bytes("m" + left));
                    }
                })
                .add(3, "ZUNIONSTORE", word("lex"), word("1"), word("names"))
                .add(1, "DEL", word("lex"))
                .add(3, "ZLEXCOUNT", anyOf("lex", "absent", "t"), lexBound(), lexBound())
                .add(
                        3,
                        "ZRANGE",
                        anyOf("lex", "absent"),
                        lexBound(),
                        lexBound(),
                        word("BYLEX"),
                        maybe(2, word("REV")),
                        maybe(2, limit()))
                .add(2, "ZRANGEBYLEX", word("lex"), lexBound(), lexBound(), maybe(2, limit()))
                .add(2, "ZREVRANGEBYLEX", word("lex"), lexBound(), lexBound(), maybe(2, limit()))
                .add(2, "ZREMRANGEBYLEX", word("lex"), lexBound(), lexBound())
                .add(3, "ZREMRANGEBYRANK", key(), rank, rank)
                .add(3, "ZREMRANGEBYSCORE", key(), bound(), bound())
                .add(
                        3,
                        "ZRANGESTORE",
                        anyOf("z1", "z2", "z3", "s"),
                        key(),
                        bound(),
                        bound(),
                        word("BYSCORE"),
                        maybe(3, word("REV")),
                        maybe(3, limit()))
                .add(3, "ZRANGESTORE", anyOf("z2", "z3"), key(), rank, rank, maybe(3, word("REV")));
    }

    private static void addMembers(Grammar grammar) {
        Grammar.Part scan = either(
                times(1, 1, word("MATCH"), anyOf("*", "m*", "[a-c]", "nothing")),
                times(1, 1, word("COUNT"), anyOf("1", "3", "10", "1000", "0")));
        grammar.add(6, "ZREM", key(), times(1, 4, member()))
                .add(1, "ZREM", key(), (chance, words) -> {
                    for (int i = chance.below(50); i < 200; i += 1 + chance.below(3)) {
                        words.add(Words.bytes("m" + i));
                    }
                })
                .add(4, "ZPOPMIN", key(), maybe(2, number(0, 5)))
                .add(4, "ZPOPMAX", key(), maybe(2, number(0, 5)))
                .add(1, "ZPOPMIN", key(), number(50, 300))
                .add(1, "BZPOPMIN", times(1, 2, key()), anyOf("0.001", "-1"))
                .add(1, "BZPOPMAX", times(1, 2, key()), anyOf("0.001", "x"))
                .add(4, "ZRANDMEMBER", key(), maybe(2, number(-12, 12), maybe(2, word("WITHSCORES"))))
                .add(1, "ZRANDMEMBER", key(), number(50, 100))
                .add(4, "ZSCAN", key(), anyOf("0", "0", "5", "x"), times(0, 2, scan))
                .add(4, "OBJECT ENCODING", key())
                .add(1, "TYPE", key())
                .add(1, "COPY", key(), anyOf("z1", "z2"), maybe(2, word("REPLACE")))
                .add(1, "RENAME", key(), anyOf("z1", "z2"))
                .add(1, "EXPIRE", key(), Grammar.span(1))
                .add(1, "TTL", key());
    }

    private static void addSeveral(Grammar grammar) {
        Grammar.Part weight = anyOf("1", "2", "0", "-1", "0.5", "inf", "x");
        for (int keys = 1; keys <= 3; keys++) {
            Grammar.Part inputs = times(1, 1, word(Integer.toString(keys)), times(keys, keys, key()));
            Grammar.Part plain = times(1, 1, word(Integer.toString(keys)), times(keys, keys, anyOf("z1", "z2", "set")));
            Grammar.Part weights = maybe(3, word("WEIGHTS"), times(keys, keys, weight));
            Grammar.Part aggregate = maybe(3, word("AGGREGATE"), anyOf("SUM", "MIN", "max", "avg"));
            Grammar.Part scores = maybe(2, word("WITHSCORES"));
            Grammar.Part destination = anyOf("z2", "z3", "z3", "s");
            grammar.add(2, "ZUNION", either(inputs, plain), weights, aggregate, scores)
                    .add(2, "ZINTER", either(inputs, plain), weights, aggregate, scores)
                    .add(2, "ZDIFF", either(inputs, plain), scores)
                    .add(2, "ZINTERCARD", either(inputs, plain), maybe(2, word("LIMIT"), number(-1, 5)))
                    .add(1, "ZUNIONSTORE", destination, either(inputs, plain), weights, aggregate)
                    .add(2, "ZINTERSTORE", destination, either(inputs, plain), weights, aggregate)
                    .add(1, "ZDIFFSTORE", destination, either(inputs, plain))
                    .add(1, "ZMPOP", either(inputs, plain), anyOf("MIN", "MAX"), maybe(2, word("COUNT"), number(0, 9)))
                    .add(
                            1,
                            "BZMPOP",
                            anyOf("0.001", "-1"),
                            either(inputs, plain),
                            anyOf("MIN", "MAX"),
                            maybe(2, word("COUNT"), number(0, 9)));
        }
    }

    private static Comparison.Rules rules() {
        Map<String, Comparison> rules = new HashMap<>();
        for (String name : List.of(
                "ZADD", "ZINCRBY", "ZSCORE", "ZMSCORE", "ZRANGE", "ZREVRANGE", "ZRANGEBYSCORE", "ZREVRANGEBYSCORE")) {
            rules.put(name, Numerals.byValue(Comparison.EXACT));
        }
        for (String name :
                List.of("ZPOPMIN", "ZPOPMAX", "ZMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP", "ZUNION", "ZINTER", "ZDIFF")) {
            rules.put(name, Numerals.byValue(Comparison.EXACT));
        }
        rules.put("ZSCAN", Numerals.byValue(Comparison.fullScan(2, true)));
        rules.put("TTL", Comparison.withinSeconds(1));
        // Redis 7.0 has no listpacks of sets.
        rules.put(
                "OBJECT",
                exchange -> ReplyText.of(exchange.rightReply()).equals("hashtable")
                        ? Optional.empty()
                        : Comparison.EXACT.compare(exchange));
        // WITHSCORE is new in Redis 7.2.
        Comparison rank =
                exchange -> exchange.words().size() > 3 ? Optional.empty() : Comparison.EXACT.compare(exchange);
        rules.put("ZRANK", rank);
        rules.put("ZREVRANK", rank);
        rules.put("ZRANDMEMBER", Numerals.byValue(Comparison.asking(exchange -> {
            boolean pairs = exchange.words().has("WITHSCORES", 3);
            return Comparison.drawnFrom(
                            words -> {
                                Words all =
                                        Words.of("ZRANGE").append(words.get(1)).append(Words.bytes("0"));
                                Words whole = all.append(Words.bytes("-1"));
                                return pairs ? whole.append(Words.bytes("WITHSCORES")) : whole;
                            },
                            words -> words.size() > 2 && !words.text(2).startsWith("-"),
                            words -> pairs)
                    .compare(exchange);
        })));
        return new Comparison.Rules(rules);
    }

    private static List<Words> audit() {
        List<Words> audit = new ArrayList<>();
        for (String key : List.of("z1", "z2", "z3", "z4", "lex", "s")) {
            audit.add(Words.of("TYPE", key));
            audit.add(Words.of("ZCARD", key));
            audit.add(Words.of("ZRANGE", key, "0", "-1", "WITHSCORES"));
            audit.add(Words.of("ZREVRANGE", key, "5", "60"));
            audit.add(Words.of("ZCOUNT", key, "0", "100"));
            audit.add(Words.of("TTL", key));
            audit.add(Words.of("OBJECT", "ENCODING", key));
            audit.add(Words.of("ZSCAN", key, "0", "COUNT", "3"));
        }
        return audit;
    }
}
