package io.kvasir.gateway.fuzz;

import io.kvasir.proto.reply.Reply;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Comparison of replies that hold floating-point numbers: by value, because Redis 7.0 prints 17 digits in RESP2 where
 * 7.2, and with it Kvasir, prints as few as say the same number. -0 counts as 0.
 */
final class Numerals {

    private static final Pattern NUMBER = Pattern.compile("-?(\\d+(\\.\\d+)?(e[+-]\\d+)?|inf)");

    private Numerals() {}

    /** Returns {@code rule} over replies whose numbers all have one form. */
    static Comparison byValue(Comparison rule) {
        return exchange -> rule.compare(new Comparison.Exchange(
                exchange.words(),
                new Normal(exchange.left()),
                normal(exchange.leftReply()),
                new Normal(exchange.right()),
                normal(exchange.rightReply())));
    }

    /** A server whose replies are put into one form. */
    private record Normal(Target target) implements Target {

        @Override
        public String name() {
            return target.name();
        }

        @Override
        public Reply send(Words words) {
            return normal(target.send(words));
        }

        @Override
        public void reset(int protocol) {
            target.reset(protocol);
        }

        @Override
        public void close() {
            target.close();
        }
    }

    private static Reply normal(Reply reply) {
        return switch (reply) {
            case Reply.Bulk(byte[] bytes)
            when NUMBER.matcher(Words.text(bytes)).matches() -> Reply.bulk(text(value(Words.text(bytes))));
            case Reply.Real(double value) -> new Reply.Real(value + 0.0);
            case Reply.Array(List<Reply> elements) ->
                new Reply.Array(elements.stream().map(Numerals::normal).toList());
            default -> reply;
        };
    }

    /** Returns whole numbers as such, because a cursor is one. */
    private static String text(double value) {
        return value == Math.rint(value) && Math.abs(value) < 0x1p53
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    private static double value(String text) {
        return text.endsWith("inf")
                ? text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY
                : Double.parseDouble(text) + 0.0;
    }
}
