package io.kvasir.gateway.fuzz;

import static io.kvasir.gateway.fuzz.Grammar.anyOf;
import static io.kvasir.gateway.fuzz.Grammar.blob;
import static io.kvasir.gateway.fuzz.Grammar.either;
import static io.kvasir.gateway.fuzz.Grammar.maybe;
import static io.kvasir.gateway.fuzz.Grammar.number;
import static io.kvasir.gateway.fuzz.Grammar.numbered;
import static io.kvasir.gateway.fuzz.Grammar.span;
import static io.kvasir.gateway.fuzz.Grammar.times;
import static io.kvasir.gateway.fuzz.Grammar.word;

import io.kvasir.gateway.rdb.DumpPayload;
import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * DUMP and RESTORE of every type. What a DUMP answers is restored at the other server under the key with "~" at its
 * end, so that each later holds what the other wrote; and with a byte changed and a checksum that fits under the key
 * with "!" at its end, at both.
 */
public final class DumpFamily {

    private static final List<String> KEYS = List.of("str", "list", "set", "hash", "zset", "any");
    private static final int CHANGED_BYTES_MAX = 3;
    private static final String BAD_DATA = "ERR Bad data format";

    /** Their types in RDB: as a ziplist, as a listpack. */
    private static final Set<Integer> PACKED_SORTED_SETS = Set.of(12, 17);

    /** Types that Redis 7.2 brought, so that 7.0 does not read them: sets in listpacks. */
    private static final Set<Integer> NEWER_THAN_ORACLE = Set.of(20);

    private DumpFamily() {}

    public static Family family() {
        return new Family("dumps", grammar(), rules(), audit());
    }

    private static Grammar grammar() {
        List<String> names = new ArrayList<>(KEYS);
        KEYS.forEach(key -> names.add(key + "~"));
        Grammar.Part key = anyOf(names.toArray(String[]::new));
        Grammar.Part integer = either(
                number(-20, 300),
                anyOf(
                        "-129",
                        "32767",
                        "65536",
                        "-2147483649",
                        "2147483648",
                        "9223372036854775807",
                        "-4097",
                        "8388608"));
        Grammar.Part text = either(
                integer,
                anyOf("", "a", "a\0b", "x".repeat(20), "ab".repeat(40), "w".repeat(3_000)),
                blob(0, 70),
                blob(200, 400));
        Grammar.Part score = either(number(-9, 9), anyOf("0.5", "inf", "-inf", "1e300", "3.0000000000000004"));
        return new Grammar()
                .add(3, "SET", anyOf("str", "any"), text)
                .add(1, "APPEND", anyOf("str", "any"), text)
                .add(4, "RPUSH", anyOf("list", "any"), times(1, 6, text))
                .add(1, "RPUSH", anyOf("list", "list~"), times(50, 300, text))
                .add(2, "LPOP", anyOf("list", "list~", "any"))
                .add(3, "SADD", anyOf("set", "any"), times(1, 6, integer))
                .add(2, "SADD", anyOf("set", "any", "set~"), times(1, 6, text))
                .add(1, "SADD", word("set"), times(100, 600, number(0, 5_000)))
                .add(4, "HSET", anyOf("hash", "any"), times(1, 4, text, text))
                .add(1, "HSET", anyOf("hash", "hash~"), numbered("f", 100, 600, text))
                .add(4, "ZADD", anyOf("zset", "any"), times(1, 4, score, text))
                .add(1, "ZADD", anyOf("zset", "zset~"), times(100, 300, score, integer))
                .add(2, "DEL", key)
                .add(12, "DUMP", key)
                .add(1, "DUMP", word("none"))
                .add(2, "RESTORE", key, anyOf("0", "-1", "x"), blob(0, 30), maybe(2, word("REPLACE")))
                .add(2, "RESTORE", key, span(1_000), payload(), times(0, 2, option()))
                .add(1, "RESTORE", key, word("0"), payload(), times(0, 3, option()))
                .add(1, "RESTORE-ASKING", key, word("0"), payload(), word("REPLACE"))
                .add(1, "EXPIRE", key, span(1))
                .add(2, "PTTL", key)
                .add(1, "RENAME", key, key)
                .add(1, "COPY", key, key, maybe(2, word("REPLACE")));
    }

    private static Grammar.Part option() {
        return either(
                anyOf("REPLACE", "replace", "ABSTTL", "FOO"),
                times(1, 1, word("IDLETIME"), number(-1, 9)),
                times(1, 1, word("FREQ"), number(-1, 260)));
    }

    /** A string, an integer or one whose version or checksum is wrong. */
    private static Grammar.Part payload() {
        return (chance, words) -> {
            byte[] body = chance.oneIn(2) ? new byte[] {0, 1, 'a'} : new byte[] {0, (byte) 0xC0, 7};
            byte[] sealed = DumpPayload.seal(body);
            if (chance.oneIn(4)) {
                sealed[chance.below(sealed.length)] ^= 1;
            }
            words.add(sealed);
        };
    }

    private static Comparison.Rules rules() {
        Map<String, Comparison> rules = new HashMap<>();
        rules.put("DUMP", Comparison.asking(DumpFamily::exchanged));
        rules.put("PTTL", Comparison.withinMillis(2_000));
        rules.put("TTL", Comparison.withinSeconds(1));
        for (String name : List.of("SMEMBERS", "HKEYS")) {
            rules.put(name, Comparison.UNORDERED);
        }
        rules.put("HGETALL", Comparison.UNORDERED_PAIRS);
        rules.put("ZRANGE", Numerals.byValue(Comparison.EXACT));
        return new Comparison.Rules(rules);
    }

    /** Restores what each server dumped at the other, and what one dumped, changed, at both. */
    private static Optional<String> exchanged(Comparison.Exchange exchange) {
        if (!(exchange.leftReply() instanceof Reply.Bulk(byte[] ours))
                || !(exchange.rightReply() instanceof Reply.Bulk(byte[] theirs))) {
            return Comparison.EXACT.compare(exchange);
        }
        byte[] name = exchange.words().get(1);
        Optional<String> wrong =
                restored(exchange.left(), name, theirs).or(() -> restored(exchange.right(), name, ours));
        return wrong.isPresent() ? wrong : changed(exchange, name, theirs);
    }

    private static Optional<String> restored(Target target, byte[] name, byte[] payload) {
        Reply reply = target.send(restore(name, "~", payload));
        return reply.equals(Reply.OK)
                ? Optional.empty()
                : Optional.of(target.name() + " answers the other's payload with " + ReplyText.shown(reply));
    }

    /** Payloads that only one of the two takes, which then is Redis, leave no key. */
    private static Optional<String> changed(Comparison.Exchange exchange, byte[] name, byte[] payload) {
        byte[] body = Arrays.copyOf(payload, payload.length - DumpPayload.FOOTER_BYTES);
        Chance chance = new Chance(Arrays.hashCode(payload));
        for (int left = 1 + chance.below(CHANGED_BYTES_MAX); left > 0; left--) {
            body[chance.below(Math.min(body.length, chance.oneIn(2) ? 12 : body.length))] = (byte) chance.below(256);
        }
        if (NEWER_THAN_ORACLE.contains((int) body[0])) {
            return Optional.empty();
        }
        Words restore = restore(name, "!", DumpPayload.seal(body));
        Reply ours = exchange.left().send(restore);
        Reply theirs = exchange.right().send(restore);
        boolean refused = ours instanceof Reply.Error(String text) && text.startsWith(BAD_DATA);
        boolean same = ReplyText.of(ours).equals(ReplyText.of(theirs));
        // Kvasir checks more than Redis does, and says of streams that there are none: see docs/compatibility.md.
        boolean allowed =
                refused && (theirs.equals(Reply.OK) || ReplyText.of(theirs).equals("-" + BAD_DATA));
        // Redis takes on trust that the pairs of a packed sorted set are in order.
        boolean trusted = PACKED_SORTED_SETS.contains((int) body[0]);
        if (allowed || same && trusted) {
            Words delete = Words.of("DEL").append(restore.get(1));
            exchange.left().send(delete);
            exchange.right().send(delete);
        }
        if (same || allowed) {
            return Optional.empty();
        }
        return Optional.of(restore + " is answered " + ReplyText.shown(ours) + " and " + ReplyText.shown(theirs));
    }

    private static Words restore(byte[] name, String end, byte[] payload) {
        return new Words(List.of(
                Words.bytes("RESTORE"),
                Words.bytes(Words.text(name) + end),
                Words.bytes("0"),
                payload,
                Words.bytes("REPLACE")));
    }

    private static List<Words> audit() {
        List<Words> audit = new ArrayList<>();
        for (String key : KEYS) {
            for (String name : List.of(key, key + "~", key + "!", key + "~~", key + "~!")) {
                audit.add(Words.of("GET", name));
                audit.add(Words.of("LRANGE", name, "0", "-1"));
                audit.add(Words.of("SMEMBERS", name));
                audit.add(Words.of("HGETALL", name));
                audit.add(Words.of("ZRANGE", name, "0", "-1", "WITHSCORES"));
                audit.add(Words.of("TTL", name));
            }
        }
        return audit;
    }
}
