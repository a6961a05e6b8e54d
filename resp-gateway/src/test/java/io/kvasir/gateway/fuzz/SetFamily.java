package io.kvasir.gateway.fuzz;

import static io.kvasir.gateway.fuzz.Grammar.anyOf;
import static io.kvasir.gateway.fuzz.Grammar.blob;
import static io.kvasir.gateway.fuzz.Grammar.either;
import static io.kvasir.gateway.fuzz.Grammar.maybe;
import static io.kvasir.gateway.fuzz.Grammar.number;
import static io.kvasir.gateway.fuzz.Grammar.span;
import static io.kvasir.gateway.fuzz.Grammar.times;
import static io.kvasir.gateway.fuzz.Grammar.word;

import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The commands over sets. Members are now and then so many or so long that a set leaves its root record. The keys n1
 * and n2 are never rewritten by SPOP, after which Redis 7.0 and 7.2 keep sets differently.
 */
public final class SetFamily {

    private static final List<String> KEYS = List.of("s1", "s2", "s3", "n1", "n2", "str");

    private SetFamily() {}

    public static Family family() {
        return new Family("sets", grammar(), rules(), audit());
    }

    private static Grammar grammar() {
        Grammar.Part popped = anyOf("s1", "s1", "s1", "s2", "s2", "s3", "str");
        Grammar.Part key = anyOf("s1", "s1", "s2", "s2", "s3", "n1", "n1", "n2", "str");
        Grammar.Part target = anyOf("s1", "s2", "s3", "n1", "n2", "str");
        Grammar.Part text = anyOf("a", "b", "c", "", "a\0b", "01", "-0", "+5", "x".repeat(64), "x".repeat(65));
        Grammar.Part integer = either(
                number(-5, 15), anyOf("9223372036854775807", "-9223372036854775808", "9223372036854775808", "-1"));
        Grammar.Part member = either(integer, integer, text, blob(0, 8));
        Grammar.Part many = times(20, 200, number(0, 700));
        Grammar.Part pattern = anyOf("*", "1*", "[a-c]*", "?", "nothing");
        return new Grammar()
                .add(1, "SET", anyOf("str", "s2"), word("v"))
                .add(3, "DEL", key)
                .add(10, "SADD", key, times(1, 4, member))
                .add(4, "SADD", key, times(1, 6, integer))
                .add(3, "SADD", key, many)
                .add(1, "SADD", key, times(180, 230, number(0, 2_000)))
                .add(2, "SADD", key, times(1, 4, blob(200, 400)))
                .add(1, "SADD", key, times(120, 135, blob(2, 9)))
                .add(7, "SREM", key, times(1, 4, member))
                .add(2, "SREM", key, many)
                .add(3, "SCARD", key)
                .add(3, "SISMEMBER", key, member)
                .add(3, "SMISMEMBER", key, times(1, 4, member))
                .add(2, "SMEMBERS", key)
                .add(4, "SMOVE", key, key, member)
                .add(4, "SPOP", popped, maybe(2, either(number(-2, 12), number(0, 300))))
                .add(4, "SRANDMEMBER", key, maybe(2, either(number(-12, 12), number(0, 700))))
                .add(4, "SUNION", times(1, 3, key))
                .add(4, "SINTER", times(1, 3, key))
                .add(4, "SDIFF", times(1, 3, key))
                .add(3, "SUNIONSTORE", target, times(1, 3, key))
                .add(3, "SINTERSTORE", target, times(1, 3, key))
                .add(3, "SDIFFSTORE", target, times(1, 3, key))
                .add(2, "SINTERCARD", word("1"), key, maybe(2, word("LIMIT"), number(-1, 5)))
                .add(3, "SINTERCARD", word("2"), key, key, maybe(2, word("LIMIT"), number(-1, 5)))
                .add(1, "SINTERCARD", number(-1, 4), times(1, 3, key), maybe(2, word("LIMIT"), number(-1, 5)))
                .add(4, "SSCAN", key, anyOf("0", "0", "5", "x"), times(0, 2, scanOption(pattern)))
                .add(4, "OBJECT ENCODING", key)
                .add(1, "OBJECT REFCOUNT", key)
                .add(1, "TYPE", key)
                .add(1, "COPY", popped, anyOf("s1", "s2"), maybe(2, word("REPLACE")))
                .add(1, "COPY", anyOf("n1", "n2"), anyOf("n1", "n2"), maybe(2, word("REPLACE")))
                .add(1, "RENAME", popped, anyOf("s1", "s2"))
                .add(1, "EXPIRE", key, span(1))
                .add(1, "TTL", key);
    }

    private static Grammar.Part scanOption(Grammar.Part pattern) {
        return either(
                times(1, 1, word("MATCH"), pattern), times(1, 1, word("COUNT"), anyOf("1", "3", "10", "1000", "0")));
    }

    private static Comparison.Rules rules() {
        Map<String, Comparison> rules = new HashMap<>();
        for (String name : List.of("SMEMBERS", "SUNION", "SINTER", "SDIFF")) {
            rules.put(name, Comparison.UNORDERED);
        }
        rules.put("SSCAN", Comparison.fullScan(2, false));
        rules.put("TTL", Comparison.withinSeconds(1));
        rules.put(
                "SRANDMEMBER",
                Comparison.drawnFrom(
                        words -> Words.of("SMEMBERS").append(words.get(1)),
                        words -> words.size() > 2 && !words.text(2).startsWith("-"),
                        words -> false));
        rules.put("SPOP", Comparison.asking(SetFamily::popped));
        rules.put("OBJECT", SetFamily::encodings);
        return new Comparison.Rules(rules);
    }

    /**
     * As many members on both sides. If the key is gone, they are the same ones; else each side gets its own back, of
     * which none may be there: so both hold the same again, which later commands compare.
     */
    private static Optional<String> popped(Comparison.Exchange exchange) {
        return Comparison.orExact(SetFamily::poppedMembers).compare(exchange);
    }

    private static Optional<String> poppedMembers(Comparison.Exchange exchange) {
        List<Reply> left = members(exchange.leftReply());
        List<Reply> right = members(exchange.rightReply());
        if (left.size() != right.size()) {
            return Optional.of("replies have " + left.size() + " and " + right.size() + " members");
        }
        Words exists = Words.of("EXISTS").append(exchange.words().get(1));
        String there = ReplyText.of(exchange.left().send(exists));
        if (!there.equals(ReplyText.of(exchange.right().send(exists)))) {
            return Optional.of("the key is left on one side only");
        }
        if (left.isEmpty() || there.equals(":0")) {
            return Comparison.UNORDERED.compare(exchange);
        }
        return Optional.<String>empty()
                .or(() -> givenBack(exchange.left(), exchange.words(), left))
                .or(() -> givenBack(exchange.right(), exchange.words(), right));
    }

    private static List<Reply> members(Reply reply) {
        return switch (reply) {
            case Reply.Array(List<Reply> elements) -> elements;
            case Reply.SetOf(List<Reply> elements) -> elements;
            case Reply.Bulk single -> List.of(single);
            default -> List.of();
        };
    }

    private static Optional<String> givenBack(Target target, Words words, List<Reply> members) {
        Words back = Words.of("SADD").append(words.get(1));
        for (Reply member : members) {
            back = back.append(((Reply.Bulk) member).bytes());
        }
        String added = ReplyText.of(target.send(back));
        return added.equals(":" + members.size())
                ? Optional.empty()
                : Optional.of(
                        target.name() + " popped " + members.size() + " members of which " + added + " were gone");
    }

    /**
     * Redis before 7.2 has no sets in listpacks: it keeps them as hash tables. After SPOP of most of a set of integers
     * it makes an intset of the rest, where 7.2 makes a listpack.
     */
    private static Optional<String> encodings(Comparison.Exchange exchange) {
        if (!exchange.words().has("ENCODING", 1)
                || !(exchange.leftReply() instanceof Reply.Bulk(byte[] leftBytes))
                || !(exchange.rightReply() instanceof Reply.Bulk(byte[] rightBytes))) {
            return Comparison.EXACT.compare(exchange);
        }
        String left = Words.text(leftBytes);
        String right = Words.text(rightBytes);
        boolean rewritten =
                exchange.words().size() > 2 && exchange.words().text(2).startsWith("s");
        boolean same = left.equals(right)
                || left.equals("listpack") && right.equals("hashtable")
                || rewritten && right.equals("intset") && !left.equals("embstr");
        return same ? Optional.empty() : Optional.of("encodings differ: " + left + " and " + right);
    }

    private static List<Words> audit() {
        List<Words> audit = new ArrayList<>();
        for (String key : KEYS) {
            for (String command : List.of("TYPE", "SCARD", "SMEMBERS", "TTL")) {
                audit.add(Words.of(command, key));
            }
            audit.add(Words.of("OBJECT", "ENCODING", key));
            audit.add(Words.of("SSCAN", key, "0", "COUNT", "3"));
        }
        return audit;
    }
}
