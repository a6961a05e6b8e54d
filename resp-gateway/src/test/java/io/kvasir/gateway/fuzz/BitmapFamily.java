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
import java.util.Set;

/** The commands over bits, and a hash among their keys. Bitmaps are now and then longer than one record. */
public final class BitmapFamily {

    private static final Set<String> ARGUMENTS =
            Set.of("ERR syntax error", "ERR value is not an integer or out of range");

    private static final List<String> KEYS = List.of("a", "b", "c", "d", "hash");

    private BitmapFamily() {}

    public static Family family() {
        return new Family("bitmaps", grammar(), rules(), audit());
    }

    private static Grammar grammar() {
        Grammar.Part key = anyOf("a", "a", "b", "b", "c", "d", "hash");
        Grammar.Part source = anyOf("a", "b", "c", "d", "none", "a", "b", "hash");
        Grammar.Part bit = anyOf("0", "1", "1", "1", "2");
        // Redis refuses the last one; what it would take beyond these makes strings of many megabytes.
        Grammar.Part offset = either(number(0, 70), number(0, 3_000), number(0, 90_000), anyOf("4294967296", "-1"));
        Grammar.Part edge = either(number(-9, 9), number(-400, 400), anyOf("9223372036854775807"));
        Grammar.Part unit = maybe(2, anyOf("BYTE", "BIT", "bit", "WORD"));
        Grammar.Part type = anyOf("u1", "u4", "i5", "u8", "i8", "i16", "u31", "u32", "i33", "u63", "i64", "u64", "x8");
        Grammar.Part place = either(number(0, 90), anyOf("#0", "#1", "#7", "#40", "-1", "#-1", "20000", "#x"));
        Grammar.Part amount = either(
                number(-300, 300), anyOf("9223372036854775807", "-9223372036854775808", "65535", "-1", "4294967295"));
        Grammar.Part get = times(1, 1, word("GET"), type, place);
        Grammar.Part change = times(1, 1, either(word("SET"), word("INCRBY")), type, place, amount);
        Grammar.Part overflow = times(1, 1, word("OVERFLOW"), anyOf("WRAP", "SAT", "FAIL", "sat", "fail", "FOO"));
        return new Grammar()
                .add(1, "HSET", word("hash"), word("f"), word("v"))
                .add(2, "DEL", times(1, 2, key))
                .add(3, "SET", anyOf("a", "b", "c"), either(blob(0, 30), blob(100, 400), blob(5_000, 9_000)))
                .add(1, "SETRANGE", key, number(0, 9_000), blob(0, 9))
                .add(10, "SETBIT", key, offset, bit)
                .add(5, "GETBIT", key, offset)
                .add(4, "BITCOUNT", key)
                .add(5, "BITCOUNT", key, edge, edge, unit)
                .add(2, "BITPOS", key, bit)
                .add(2, "BITPOS", key, bit, edge)
                .add(5, "BITPOS", key, bit, edge, edge, unit)
                .add(5, "BITOP", anyOf("AND", "OR", "XOR", "and", "xor"), key, times(1, 4, source))
                .add(2, "BITOP", anyOf("NOT", "not"), key, source)
                .add(1, "BITOP", anyOf("NOT", "NAND"), key, source, source)
                .add(8, "BITFIELD", key, times(1, 4, either(get, change, change, overflow)))
                .add(1, "BITFIELD", key)
                .add(3, "BITFIELD_RO", key, times(1, 3, get), maybe(8, either(change, overflow)))
                .add(2, "GET", key)
                .add(1, "STRLEN", key)
                .add(1, "COPY", anyOf("a", "b"), anyOf("c", "d"), maybe(2, word("REPLACE")))
                .add(1, "EXPIRE", key, span(1))
                .add(1, "TTL", key);
    }

    private static Comparison.Rules rules() {
        Map<String, Comparison> rules = new HashMap<>();
        rules.put("TTL", Comparison.withinSeconds(1));
        rules.put("BITCOUNT", BitmapFamily::argumentsFirst);
        rules.put("BITPOS", BitmapFamily::argumentsFirst);
        return new Comparison.Rules(rules);
    }

    /**
     * Redis 7.0 looks at the key first, and at BITCOUNT's ends before its unit: it answers 0, -1 or WRONGTYPE where
     * Kvasir, as 7.2, finds fault with the arguments.
     */
    private static Optional<String> argumentsFirst(Comparison.Exchange exchange) {
        boolean refused = exchange.leftReply() instanceof Reply.Error(String text) && ARGUMENTS.contains(text);
        boolean early = exchange.rightReply() instanceof Reply.Int(long value) && value <= 0
                || exchange.rightReply() instanceof Reply.Error(String other) && other.startsWith("WRONGTYPE");
        return refused && early ? Optional.empty() : Comparison.EXACT.compare(exchange);
    }

    private static List<Words> audit() {
        List<Words> audit = new ArrayList<>();
        for (String key : KEYS) {
            for (String command : List.of("TYPE", "GET", "BITCOUNT", "TTL")) {
                audit.add(Words.of(command, key));
            }
            audit.add(Words.of("BITPOS", key, "1", "3"));
            audit.add(Words.of("BITFIELD_RO", key, "GET", "i13", "#5"));
        }
        return audit;
    }
}
