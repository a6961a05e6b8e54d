package io.kvasir.gateway.fuzz;

import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** How two replies to one command compare. Errors compare exactly whatever the rule: see {@link #EXACT}. */
@FunctionalInterface
public interface Comparison {

    /**
     * One command and what both servers answered.
     *
     * @param slackMillis by how much the times that passed on either side since a moment of the script may differ
     */
    record Exchange(Words words, Target left, Reply leftReply, Target right, Reply rightReply, long slackMillis) {

        /** Returns the same of {@code otherWords} and their replies. */
        Exchange with(Words otherWords, Reply otherLeft, Reply otherRight) {
            return new Exchange(otherWords, left, otherLeft, right, otherRight, slackMillis);
        }
    }

    /** Returns what is wrong, if anything is. May send more commands if it {@link #asks}. */
    Optional<String> compare(Exchange exchange);

    /** Returns whether it sends more commands, so that it must be done before the next command is sent. */
    default boolean asks() {
        return false;
    }

    /** Returns {@code rule} as one that sends more commands. */
    static Comparison asking(Comparison rule) {
        return new Asking(rule);
    }

    /** A rule that sends more commands. */
    record Asking(Comparison rule) implements Comparison {

        @Override
        public Optional<String> compare(Exchange exchange) {
            return rule.compare(exchange);
        }

        @Override
        public boolean asks() {
            return true;
        }
    }

    /** The same reply, byte for byte. */
    Comparison EXACT = exchange ->
            differs(ReplyText.of(exchange.leftReply()).equals(ReplyText.of(exchange.rightReply())), "replies differ");

    /** The same elements in any order. */
    Comparison UNORDERED = orExact(exchange -> differs(
            sorted(ReplyText.elements(exchange.leftReply())).equals(sorted(ReplyText.elements(exchange.rightReply()))),
            "elements differ"));

    /** The same pairs in any order. */
    Comparison UNORDERED_PAIRS = orExact(exchange -> differs(
            sorted(ReplyText.pairs(exchange.leftReply())).equals(sorted(ReplyText.pairs(exchange.rightReply()))),
            "pairs differ"));

    /** Both an error, or neither: for replies that tell about the server itself. */
    Comparison SHAPE = orExact(exchange -> Optional.empty());

    /** As {@link #withinMillis}, of numbers of seconds. */
    static Comparison withinSeconds(long tolerance) {
        return within(tolerance, 1_000);
    }

    /**
     * The same number of milliseconds up to {@code tolerance} and what the servers' times may differ by; negative
     * numbers, which are codes, exactly.
     */
    static Comparison withinMillis(long tolerance) {
        return within(tolerance, 1);
    }

    private static Comparison within(long tolerance, long unitMillis) {
        return exchange -> {
            if (exchange.leftReply() instanceof Reply.Int(long left)
                    && exchange.rightReply() instanceof Reply.Int(long right)
                    && left >= 0
                    && right >= 0) {
                long most = tolerance + Math.ceilDiv(exchange.slackMillis(), unitMillis);
                return differs(Math.abs(left - right) <= most, "numbers are too far apart");
            }
            return EXACT.compare(exchange);
        };
    }

    /**
     * As many elements on both sides, each taken from what {@code pool} answers on its own side, and no element twice
     * if {@code distinct} holds for the command. An element is a pair if {@code paired} holds.
     */
    static Comparison drawnFrom(
            Function<Words, Words> pool, Function<Words, Boolean> distinct, Function<Words, Boolean> paired) {
        return asking(orExact(exchange -> {
            boolean pairs = paired.apply(exchange.words());
            List<String> left = drawn(exchange.leftReply(), pairs);
            List<String> right = drawn(exchange.rightReply(), pairs);
            if (left.size() != right.size()) {
                return Optional.of("replies have " + left.size() + " and " + right.size() + " elements");
            }
            boolean once = distinct.apply(exchange.words());
            Words members = pool.apply(exchange.words());
            return stranger(left, exchange.left().send(members), pairs, once, exchange.left())
                    .or(() -> stranger(right, exchange.right().send(members), pairs, once, exchange.right()));
        }));
    }

    /**
     * The same elements, or pairs, over a full scan from cursor 0, any of them any number of times. The cursor of the
     * command itself is not compared: it means something to its own server only.
     *
     * @param cursorWord index of the cursor among the words
     */
    static Comparison fullScan(int cursorWord, boolean pairs) {
        return asking(orExact(exchange -> {
            Words start = exchange.words().with(cursorWord, Words.bytes("0"));
            Set<String> left = scan(exchange.left(), start, cursorWord, pairs);
            Set<String> right = scan(exchange.right(), start, cursorWord, pairs);
            return differs(left.equals(right), "full scans differ: " + left + " and " + right);
        }));
    }

    /** {@code rule}, unless either reply is an error or the shapes differ: those compare exactly. */
    static Comparison orExact(Comparison rule) {
        return exchange -> {
            boolean error = exchange.leftReply() instanceof Reply.Error || exchange.rightReply() instanceof Reply.Error;
            if (error) {
                return EXACT.compare(exchange);
            }
            String left = ReplyText.shape(exchange.leftReply());
            String right = ReplyText.shape(exchange.rightReply());
            if (!left.equals(right) && !left.startsWith(right + " ") && !right.startsWith(left + " ")) {
                return Optional.of("shapes differ: " + left + " and " + right);
            }
            return rule.compare(exchange);
        };
    }

    private static Optional<String> differs(boolean same, String what) {
        return same ? Optional.empty() : Optional.of(what);
    }

    private static List<String> sorted(List<String> list) {
        Collections.sort(list);
        return list;
    }

    private static List<String> drawn(Reply reply, boolean pairs) {
        return switch (reply) {
            case Reply.Null ignored -> List.of();
            case Reply.Bulk single -> List.of(ReplyText.of(single));
            default -> pairs ? ReplyText.pairs(reply) : ReplyText.elements(reply);
        };
    }

    private static Optional<String> stranger(
            List<String> drawn, Reply pool, boolean pairs, boolean once, Target target) {
        Set<String> members = new HashSet<>(pairs ? ReplyText.pairs(pool) : ReplyText.elements(pool));
        List<String> seen = new ArrayList<>();
        for (String element : drawn) {
            if (!members.contains(element)) {
                return Optional.of(target.name() + " answers " + element + ", which is no member");
            }
            if (once && seen.contains(element)) {
                return Optional.of(target.name() + " answers " + element + " twice");
            }
            seen.add(element);
        }
        return Optional.empty();
    }

    private static Set<String> scan(Target target, Words start, int cursorWord, boolean pairs) {
        Set<String> found = new TreeSet<>();
        Words next = start;
        for (int page = 0; page < SCAN_PAGES_MAX; page++) {
            if (!(target.send(next) instanceof Reply.Array(List<Reply> parts))
                    || parts.size() != 2
                    || !(parts.getFirst() instanceof Reply.Bulk(byte[] cursor))) {
                throw new IllegalStateException(target.name() + " does not answer " + next + " as a scan");
            }
            found.addAll(pairs ? ReplyText.pairs(parts.get(1)) : ReplyText.elements(parts.get(1)));
            if (Words.text(cursor).equals("0")) {
                return found;
            }
            next = next.with(cursorWord, cursor);
        }
        throw new IllegalStateException(target.name() + " does not end " + start + " in " + SCAN_PAGES_MAX + " pages");
    }

    /** Pages after which a scan counts as endless. */
    int SCAN_PAGES_MAX = 100_000;

    /** The rules of a family by command name; a command without one compares {@link #EXACT}. */
    record Rules(Map<String, Comparison> byName) {

        public Rules {
            byName = Map.copyOf(byName);
        }

        Comparison of(Words words) {
            return byName.getOrDefault(words.name(), EXACT);
        }
    }
}
