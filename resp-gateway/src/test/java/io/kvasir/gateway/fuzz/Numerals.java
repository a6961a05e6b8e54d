package io.kvasir.gateway.fuzz;

import io.kvasir.proto.reply.Reply;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Comparison of replies that hold floating-point numbers: by value, because Redis 7.0 prints 17 digits in RESP2 where
 * 7.2, and with it Kvasir, prints as few as say the same number. -0 counts as 0.
 */
final class Numerals {

    private static final Pattern NUMBER = Pattern.compile("-?(\\d+(\\.\\d+)?([eE][+-]?\\d+)?|inf)");

    private static final double NEAR = 1e-14;

    private Numerals() {}

    /** Returns {@code rule} over replies whose numbers all have one form. */
    static Comparison byValue(Comparison rule) {
        Comparison byValue = exchange -> rule.compare(new Comparison.Exchange(
                exchange.words(),
                new Normal(exchange.left()),
                normal(exchange.leftReply()),
                new Normal(exchange.right()),
                normal(exchange.rightReply()),
                exchange.slackMillis()));
        return rule.asks() ? Comparison.asking(byValue) : byValue;
    }

    /** The same reply, up to the last bits of its numbers, which are results of the C library's sines. */
    static final Comparison NEARLY = exchange -> {
        List<String> left = leaves(exchange.leftReply());
        List<String> right = leaves(exchange.rightReply());
        boolean same = left.size() == right.size();
        for (int i = 0; same && i < left.size(); i++) {
            same = left.get(i).equals(right.get(i)) || areNear(left.get(i), right.get(i));
        }
        return same ? Optional.empty() : Optional.of("replies differ by more than the last bits of numbers");
    };

    private static boolean areNear(String left, String right) {
        if (!NUMBER.matcher(left).matches() || !NUMBER.matcher(right).matches()) {
            return false;
        }
        double difference = Math.abs(value(left) - value(right));
        return difference <= NEAR * Math.abs(value(left));
    }

    private static List<String> leaves(Reply reply) {
        return switch (normal(reply)) {
            case Reply.Bulk(byte[] bytes) -> List.of(Words.text(bytes));
            case Reply.Real(double value) -> List.of(text(value));
            case Reply.Array(List<Reply> elements) ->
                elements.stream().flatMap(element -> leaves(element).stream()).toList();
            default -> List.of(ReplyText.of(reply));
        };
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
