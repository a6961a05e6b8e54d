package io.kvasir.gateway.fuzz;

import static io.kvasir.gateway.fuzz.Grammar.anyOf;
import static io.kvasir.gateway.fuzz.Grammar.blob;
import static io.kvasir.gateway.fuzz.Grammar.either;
import static io.kvasir.gateway.fuzz.Grammar.number;
import static io.kvasir.gateway.fuzz.Grammar.span;
import static io.kvasir.gateway.fuzz.Grammar.times;
import static io.kvasir.gateway.fuzz.Grammar.word;

import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The commands over HyperLogLogs, and strings that look like one; every reply and every byte is compared. */
public final class HyperLogLogFamily {

    private static final List<String> KEYS = List.of("h1", "h2", "h3", "bad", "list");
    private static final int HEADER_BYTES = 16;

    private HyperLogLogFamily() {}

    public static Family family() {
        return new Family("hyperloglogs", grammar(), rules(), audit());
    }

    private static Comparison.Rules rules() {
        Comparison whole = Comparison.asking(HyperLogLogFamily::withoutCutOpcode);
        return new Comparison.Rules(
                Map.of("TTL", Comparison.withinSeconds(1), "SETRANGE", whole, "APPEND", whole, "SET", whole));
    }

    /**
     * A sparse HyperLogLog whose last opcode lacks its second byte is deleted: Redis reads and writes behind its end.
     */
    private static Optional<String> withoutCutOpcode(Comparison.Exchange exchange) {
        Words get = Words.of("GET")
                .append(exchange.words().size() > 1 ? exchange.words().get(1) : new byte[0]);
        if (exchange.right().send(get) instanceof Reply.Bulk(byte[] bytes) && endsWithinAnOpcode(bytes)) {
            Words delete = Words.of("DEL").append(get.get(1));
            exchange.left().send(delete);
            exchange.right().send(delete);
        }
        return Comparison.EXACT.compare(exchange);
    }

    private static boolean endsWithinAnOpcode(byte[] bytes) {
        int at = HEADER_BYTES;
        while (at < bytes.length) {
            at += (bytes[at] & 0xC0) == 0x40 ? 2 : 1;
        }
        return at > bytes.length && Words.text(bytes).startsWith("HYLL");
    }

    private static Grammar grammar() {
        Grammar.Part key = anyOf("h1", "h1", "h1", "h2", "h2", "h3", "bad", "list");
        Grammar.Part element = either(number(0, 3_000), blob(0, 20), anyOf("", "a", "b"));
        Grammar.Part source = anyOf("h1", "h2", "h3", "h1", "h2", "bad");
        return new Grammar()
                .add(2, "DEL", key)
                .add(1, "RPUSH", word("list"), word("x"))
                .add(10, "PFADD", key, times(0, 5, element))
                .add(3, "PFADD", anyOf("h1", "h2"), times(100, 400, element))
                // Enough for the dense form.
                .add(1, "PFADD", anyOf("h1", "h3"), times(1_200, 1_800, blob(2, 4)))
                .add(6, "PFCOUNT", key)
                .add(4, "PFCOUNT", times(2, 3, key))
                .add(3, "PFMERGE", key, times(0, 3, source))
                .add(2, "PFDEBUG", anyOf("ENCODING", "encoding", "DECODE", "other"), key)
                .add(1, "PFDEBUG", anyOf("TODENSE", "GETREG"), key)
                .add(3, "GET", key)
                .add(1, "STRLEN", key)
                .add(3, "SET", word("bad"), HyperLogLogFamily::header)
                // The header alone: where a sparse value ends in half an opcode, Redis reads and writes past its end.
                .add(2, "SETRANGE", anyOf("bad", "h2", "h3"), number(0, 14), blob(1, 2))
                .add(1, "SETRANGE", word("bad"), number(200, 13_000), blob(1, 3))
                .add(1, "APPEND", anyOf("bad", "h2"), blob(0, 2))
                .add(1, "COPY", anyOf("h1", "h2"), anyOf("bad", "h3"), word("REPLACE"))
                .add(1, "EXPIRE", key, span(1))
                .add(1, "TTL", key);
    }

    /** A header with now and then a wrong byte, and a few opcodes that cover all registers or nearly so. */
    private static void header(Chance chance, List<byte[]> words) {
        StringBuilder text = new StringBuilder("HYLL");
        text.append((char) (chance.oneIn(8) ? chance.below(4) : 1)).append("\0\0\0");
        text.append(Words.text(chance.bytes(7))).append((char) (chance.oneIn(2) ? 0x80 : chance.below(256)));
        int left = chance.oneIn(4) ? chance.between(1, 17_000) : 16_384;
        while (left > 0 && text.length() < 60) {
            int length = Math.min(left, chance.oneIn(3) ? 1 + chance.below(64) : 1 + chance.below(16_384));
            if (chance.oneIn(2)) {
                length = Math.min(length, 4);
                text.append((char) (0x80 | chance.below(32) << 2 | length - 1));
            } else if (length <= 64 && chance.oneIn(2)) {
                text.append((char) (length - 1));
            } else {
                text.append((char) (0x40 | length - 1 >> 8)).append((char) (length - 1 & 0xFF));
            }
            left -= length;
        }
        while (left > 0) {
            int length = Math.min(left, 16_384);
            text.append((char) (0x40 | length - 1 >> 8)).append((char) (length - 1 & 0xFF));
            left -= length;
        }
        words.add(Words.bytes(text.toString()));
    }

    private static List<Words> audit() {
        List<Words> audit = new ArrayList<>();
        for (String key : KEYS) {
            for (String command : List.of("TYPE", "GET", "PFCOUNT", "GET", "TTL")) {
                audit.add(Words.of(command, key));
            }
        }
        return audit;
    }
}
