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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The commands over streams. Ids are given, since those made from the time differ; only "auto" has such, of which
 * nothing but the number is compared. Values are now and then so long that a stream has several nodes, at whose bounds
 * MAXLEN ~ stops. Times are not compared, but that a time was given to a claim and tells what is idle.
 *
 * <p>Redis 7.0 makes no consumer where it has nothing for one, as 7.2 does; so consumers without pending entries are
 * left out. It also has no active times, and XSETID below the largest deleted id, which only 7.2 refuses, is kept away
 * from XDEL.
 */
public final class StreamFamily {

    private static final String[] KEYS = {"{x}1", "{x}1", "{x}1", "{x}2", "{x}2", "{x}s"};

    /** What Redis 7.0 does not say. */
    private static final Set<String> NEW_FIELDS = Set.of("inactive", "active-time");

    /** What depends on the moment, on the form of Redis' tree, or on consumers that only 7.2 makes. */
    private static final Set<String> PRIVATE_FIELDS = Set.of("idle", "seen-time", "radix-tree-nodes");

    private static final Reply HIDDEN = new Reply.Status("*");

    /** Beyond it an integer is a time; below, the numbers of a script. */
    private static final long TIMES_FROM = 1_000_000_000_000L;

    private static final int XGROUP_WORDS_MAX = 8;

    private StreamFamily() {}

    public static Family family() {
        return new Family("streams", grammar(), rules(), audit());
    }

    private static Grammar grammar() {
        Grammar grammar = new Grammar()
                .without(words -> words.has("BLOCK", 1))
                // Redis looks at the key before it finds that these are too many words.
                .without(words -> words.name().equals("XGROUP") && words.size() > XGROUP_WORDS_MAX)
                .without(words -> isOfNow(words) && !words.text(1).equals("auto"));
        addEntries(grammar);
        addGroups(grammar);
        addIds(grammar);
        return grammar;
    }

    private static Grammar.Part key() {
        return anyOf(KEYS);
    }

    /** An id that an entry may have. */
    private static Grammar.Part id() {
        return either(
                (chance, words) -> words.add(Words.bytes("20-" + chance.between(0, 40))),
                (chance, words) -> words.add(Words.bytes(chance.between(1, 22) + "-" + chance.between(0, 3))),
                anyOf("20", "7", "0-0", "0", "18446744073709551615-18446744073709551615", "20-18446744073709551615"));
    }

    private static Grammar.Part newId() {
        return either(
                anyOf("20-*", "20-*", "20-*", "20-*", "21-*", "1-*", "0-*"),
                (chance, words) -> words.add(Words.bytes(chance.between(1, 20) + "-*")),
                id());
    }

    private static Grammar.Part bound() {
        return either(id(), id(), anyOf("-", "+", "-", "+", "(20-5", "(20", "(7-1", "(0-0", "(-", "("));
    }

    private static Grammar.Part pairs() {
        Grammar.Part value = either(
                anyOf("v", "1", "-300", "", "a\0b", "12345678901", "v"),
                number(0, 5_000),
                blob(0, 70),
                anyOf("x".repeat(200), "y".repeat(600), "z".repeat(1_500), "w".repeat(1_020)));
        return either(
                times(1, 1, word("f"), value),
                times(1, 1, word("f"), value),
                times(1, 3, anyOf("f", "g", "field", "", "7"), value));
    }

    private static Grammar.Part trim() {
        Grammar.Part sign = maybe(2, anyOf("~", "=", "~"));
        return times(
                1,
                1,
                either(times(1, 1, word("MAXLEN"), sign, number(0, 30)), times(1, 1, word("MINID"), sign, id())),
                maybe(6, word("LIMIT"), anyOf("0", "1", "5", "100", "-1")));
    }

    private static void addEntries(Grammar grammar) {
        grammar.add(1, "SET", anyOf("{x}s", "{x}2"), word("v"))
                .add(1, "DEL", key())
                .add(22, "XADD", key(), newId(), pairs())
                .add(3, "XADD", key(), maybe(2, word("NOMKSTREAM")), maybe(2, trim()), newId(), pairs())
                .add(3, "XADD", word("auto"), maybe(3, trim()), word("*"), pairs())
                .add(2, "XLEN", word("auto"))
                .add(3, "XLEN", key())
                .add(6, "XRANGE", key(), bound(), bound(), maybe(3, word("COUNT"), number(-1, 5)))
                .add(5, "XREVRANGE", key(), bound(), bound(), maybe(3, word("COUNT"), number(-1, 5)))
                .add(6, "XDEL", key(), times(1, 4, id()))
                .add(4, "XTRIM", key(), trim())
                .add(
                        5,
                        "XREAD",
                        maybe(2, word("COUNT"), number(-1, 4)),
                        word("STREAMS"),
                        key(),
                        either(id(), word("$")))
                .add(
                        2,
                        "XREAD",
                        maybe(2, word("COUNT"), number(-1, 4)),
                        word("STREAMS"),
                        key(),
                        key(),
                        either(id(), anyOf("0", "$", ">")),
                        either(id(), anyOf("0", "$")))
                .add(5, "XINFO STREAM", key(), maybe(2, word("FULL"), maybe(2, word("COUNT"), number(-1, 4))))
                .add(1, "XINFO HELP")
                .add(1, "XGROUP HELP")
                .add(1, "OBJECT ENCODING", key())
                .add(1, "TYPE", key())
                .add(1, "COPY", key(), key(), maybe(2, word("REPLACE")))
                .add(1, "RENAME", key(), key())
                .add(1, "EXPIRE", key(), Grammar.span(1))
                .add(1, "TTL", key());
    }

    private static void addGroups(Grammar grammar) {
        Grammar.Part group = anyOf("g", "g", "g", "h", "none");
        Grammar.Part consumer = anyOf("a", "a", "b", "c", "");
        Grammar.Part start = either(anyOf("0", "0", "$", "-", "20-3"), id());
        Grammar.Part entriesRead = maybe(5, word("ENTRIESREAD"), number(-2, 9));
        Grammar.Part idle = anyOf("0", "0", "50000", "-1", "500000");
        Grammar.Part claimOption = either(
                times(1, 1, word("IDLE"), anyOf("100000", "0", "-1", "900000000000000")),
                times(1, 1, word("TIME"), anyOf("1000", "0", "-1", "9000000000000")),
                times(1, 1, word("RETRYCOUNT"), number(-1, 9)),
                word("FORCE"),
                word("JUSTID"),
                times(1, 1, word("LASTID"), id()));
        grammar.add(9, "XGROUP CREATE", key(), group, start, maybe(3, word("MKSTREAM")), entriesRead)
                .add(2, "XGROUP SETID", key(), group, start, entriesRead)
                .add(1, "XGROUP DESTROY", key(), group)
                .add(2, "XGROUP CREATECONSUMER", key(), group, consumer)
                .add(4, "XGROUP DELCONSUMER", key(), group, consumer)
                .add(
                        14,
                        "XREADGROUP GROUP",
                        group,
                        consumer,
                        maybe(2, word("COUNT"), number(-1, 4)),
                        maybe(6, word("NOACK")),
                        word("STREAMS"),
                        key(),
                        either(word(">"), word(">"), word("0"), id()))
                .add(
                        3,
                        "XREADGROUP GROUP",
                        group,
                        consumer,
                        maybe(2, word("COUNT"), number(1, 4)),
                        word("STREAMS"),
                        key(),
                        key(),
                        either(word(">"), word("0"), word("$")),
                        either(word(">"), id()))
                .add(6, "XACK", key(), group, times(1, 4, id()))
                .add(4, "XPENDING", key(), group)
                .add(
                        6,
                        "XPENDING",
                        key(),
                        group,
                        maybe(3, word("IDLE"), idle),
                        bound(),
                        bound(),
                        number(-1, 9),
                        maybe(2, consumer))
                .add(6, "XCLAIM", key(), group, consumer, idle, times(1, 4, id()), times(0, 3, claimOption))
                .add(
                        8,
                        "XAUTOCLAIM",
                        key(),
                        group,
                        consumer,
                        idle,
                        bound(),
                        maybe(2, word("COUNT"), number(0, 5)),
                        maybe(3, word("JUSTID")))
                .add(4, "XINFO GROUPS", key())
                .add(4, "XINFO CONSUMERS", key(), group);
    }

    /** XSETID, over a key without XDEL; its ids are above those that are added. */
    private static void addIds(Grammar grammar) {
        Grammar.Part id = (chance, words) -> words.add(Words.bytes(chance.between(5, 30) + "-" + chance.between(0, 3)));
        grammar.add(2, "XADD", word("{x}4"), either(newId(), id), pairs())
                .add(1, "XTRIM", word("{x}4"), word("MAXLEN"), number(0, 4))
                .add(1, "XGROUP CREATE", word("{x}4"), word("g"), either(id, anyOf("0", "$")))
                .add(
                        2,
                        "XREADGROUP GROUP",
                        word("g"),
                        word("a"),
                        word("COUNT"),
                        number(1, 2),
                        word("STREAMS"),
                        word("{x}4"),
                        word(">"))
                .add(
                        4,
                        "XSETID",
                        word("{x}4"),
                        id,
                        maybe(3, word("ENTRIESADDED"), number(-1, 20)),
                        maybe(3, word("MAXDELETEDID"), anyOf("3-0", "4-1", "0-0")))
                .add(2, "XINFO", anyOf("STREAM", "GROUPS"), word("{x}4"))
                .without(words -> words.name().equals("XSETID")
                        && words.size() > 1
                        && !words.text(1).equals("{x}4"));
    }

    /** Returns whether {@code words} may make an id from the time. */
    private static boolean isOfNow(Words words) {
        return words.name().equals("XADD") && words.has("*", 2);
    }

    private static Comparison.Rules rules() {
        Map<String, Comparison> rules = new HashMap<>();
        rules.put("TTL", Comparison.withinSeconds(1));
        rules.put("XADD", StreamFamily::added);
        for (String name : List.of("XINFO", "XPENDING")) {
            rules.put(name, exchange -> EXACT.compare(plain(exchange)));
        }
        for (String name : List.of("XREAD", "XREADGROUP")) {
            rules.put(name, StreamFamily::unlessUnbalanced);
        }
        // One of both may have been made by a command that had nothing for the consumer.
        rules.put(
                "XGROUP",
                exchange ->
                        exchange.words().has("CREATECONSUMER", 1) ? SHAPE.compare(exchange) : EXACT.compare(exchange));
        return new Comparison.Rules(rules);
    }

    private static final Comparison EXACT = Comparison.EXACT;
    private static final Comparison SHAPE = Comparison.SHAPE;

    /** Redis 7.0 gives a wrong reason where there is no id left in the millisecond, 7.2 the right one. */
    private static Optional<String> added(Comparison.Exchange exchange) {
        boolean full = ReplyText.of(exchange.rightReply()).equals("-ERR Elements are too large to be stored")
                && ReplyText.of(exchange.leftReply()).startsWith("-ERR The ID specified in XADD is equal or smaller");
        if (full) {
            return Optional.empty();
        }
        return isOfNow(exchange.words()) ? SHAPE.compare(exchange) : EXACT.compare(exchange);
    }

    /** The text of that error is another one in Redis 7.2. */
    private static Optional<String> unlessUnbalanced(Comparison.Exchange exchange) {
        return ReplyText.of(exchange.leftReply()).startsWith("-ERR Unbalanced")
                        && ReplyText.of(exchange.rightReply()).startsWith("-ERR Unbalanced")
                ? Optional.empty()
                : EXACT.compare(exchange);
    }

    private static Comparison.Exchange plain(Comparison.Exchange exchange) {
        return exchange.with(exchange.words(), plain(exchange.leftReply()), plain(exchange.rightReply()));
    }

    private static Reply plain(Reply reply) {
        return switch (reply) {
            case Reply.Array(List<Reply> elements)
            when isPending(elements) ->
                new Reply.Array(List.of(elements.get(0), elements.get(1), idleTime(elements.get(2)), elements.get(3)));
            case Reply.Array(List<Reply> elements) -> new Reply.Array(plain(elements));
            case Reply.MapOf(List<Reply> words) -> new Reply.MapOf(plain(words));
            case Reply.Int(long value) when value >= TIMES_FROM -> HIDDEN;
            default -> reply;
        };
    }

    /** Returns whether {@code elements} are a line of XPENDING: id, consumer, time since delivery, deliveries. */
    private static boolean isPending(List<Reply> elements) {
        return elements.size() == 4
                && elements.get(0) instanceof Reply.Bulk
                && elements.get(1) instanceof Reply.Bulk
                && elements.get(2) instanceof Reply.Int
                && elements.get(3) instanceof Reply.Int;
    }

    /** Times within some seconds are alike. */
    private static Reply idleTime(Reply reply) {
        long millis = ((Reply.Int) reply).value();
        return millis >= TIMES_FROM ? HIDDEN : new Reply.Int(millis / 50_000);
    }

    private static List<Reply> plain(List<Reply> elements) {
        List<Reply> shown = new ArrayList<>();
        for (int i = 0; i < elements.size(); i++) {
            Reply element = elements.get(i);
            String name = element instanceof Reply.Bulk(byte[] bytes) ? Words.text(bytes) : "";
            if (NEW_FIELDS.contains(name)) {
                i++;
            } else if (PRIVATE_FIELDS.contains(name)) {
                shown.add(element);
                shown.add(HIDDEN);
                i++;
            } else if (name.equals("consumers")
                    && i + 1 < elements.size()
                    && elements.get(i + 1) instanceof Reply.Int) {
                i++;
            } else if (!isIdleConsumer(element)) {
                shown.add(plain(element));
            }
        }
        return shown;
    }

    /** Returns whether {@code element} describes a consumer for whom nothing is pending. */
    private static boolean isIdleConsumer(Reply element) {
        List<Reply> words =
                switch (element) {
                    case Reply.Array(List<Reply> elements) -> elements;
                    case Reply.MapOf(List<Reply> elements) -> elements;
                    default -> List.of();
                };
        boolean consumer = false;
        boolean idle = false;
        for (int i = 0; i + 1 < words.size(); i += 2) {
            String name = words.get(i) instanceof Reply.Bulk(byte[] bytes) ? Words.text(bytes) : "";
            consumer |= name.equals("seen-time") || name.equals("idle");
            idle |= Set.of("pending", "pel-count").contains(name)
                    && words.get(i + 1).equals(Reply.ZERO);
        }
        return consumer && idle;
    }

    private static List<Words> audit() {
        List<Words> audit = new ArrayList<>();
        for (String key : List.of("{x}1", "{x}2", "{x}s", "{x}4")) {
            audit.add(Words.of("TYPE", key));
            audit.add(Words.of("XLEN", key));
            audit.add(Words.of("XRANGE", key, "-", "+"));
            audit.add(Words.of("XREVRANGE", key, "20-9", "1", "COUNT", "3"));
            audit.add(Words.of("XINFO", "STREAM", key, "FULL", "COUNT", "0"));
            audit.add(Words.of("XINFO", "GROUPS", key));
            audit.add(Words.of("XPENDING", key, "g"));
            audit.add(Words.of("XPENDING", key, "g", "-", "+", "100", "a"));
            audit.add(Words.of("TTL", key));
        }
        audit.add(Words.of("XLEN", "auto"));
        return audit;
    }
}
