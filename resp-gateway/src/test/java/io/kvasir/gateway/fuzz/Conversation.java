package io.kvasir.gateway.fuzz;

import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Compares the replies of one script in their order. It knows which commands a MULTI has queued and which a Lua script
 * has called, so that the elements of such a reply compare by the rules of the commands they answer. Confined to one
 * thread.
 */
final class Conversation {

    private final Comparison.Rules rules;
    private final List<Words> queued = new ArrayList<>();
    private boolean isQueueing;
    private boolean isWatching;

    Conversation(Comparison.Rules rules) {
        this.rules = rules;
    }

    /**
     * Returns how many of {@code lines} from {@code from} on may be sent before any is compared: up to and including
     * the first whose rule asks.
     */
    int batchEnd(List<Words> lines, int from, int linesMax) {
        boolean queueing = isQueueing;
        int end = from;
        while (end < lines.size() && end - from < linesMax) {
            Words words = lines.get(end++);
            if (isAlone(words, "MULTI")) {
                queueing = true;
            } else if (isAlone(words, "EXEC") || isAlone(words, "DISCARD")) {
                queueing = false;
            } else if (!queueing && rules.of(words).asks()) {
                break;
            }
        }
        return end;
    }

    Optional<String> compare(Comparison.Exchange exchange) {
        Words words = exchange.words();
        if (isQueueing) {
            return compareQueueing(exchange);
        }
        isWatching |= words.name().equals("WATCH");
        if (isAlone(words, "MULTI")) {
            isQueueing = exchange.rightReply().equals(Reply.OK);
            return Comparison.EXACT.compare(exchange);
        }
        Optional<List<Words>> called = InScripts.calledBy(words);
        return called.isPresent()
                ? elements(exchange, called.get())
                : rules.of(words).compare(exchange);
    }

    private Optional<String> compareQueueing(Comparison.Exchange exchange) {
        Words words = exchange.words();
        boolean ends = isAlone(words, "EXEC") || isAlone(words, "DISCARD");
        if (!ends) {
            if (exchange.rightReply().equals(new Reply.Status("QUEUED"))) {
                queued.add(words);
            }
            return Comparison.EXACT.compare(exchange);
        }
        List<Words> answered = List.copyOf(queued);
        queued.clear();
        isQueueing = false;
        boolean watched = isWatching;
        isWatching = false;
        if (watched && exchange.leftReply() instanceof Reply.Null && exchange.rightReply() instanceof Reply.Array) {
            // Other keys that are removed may be taken for an absent one that is watched: see docs/compatibility.md.
            throw new Target.WatchFailed("EXEC is null, " + exchange.right().name() + "'s is not");
        }
        return isAlone(words, "EXEC") ? elements(exchange, answered) : Comparison.EXACT.compare(exchange);
    }

    /** Compares the elements of a reply each by the rule of the command that it answers. */
    private Optional<String> elements(Comparison.Exchange exchange, List<Words> commands) {
        if (!(exchange.leftReply() instanceof Reply.Array(List<Reply> left))
                || !(exchange.rightReply() instanceof Reply.Array(List<Reply> right))
                || left.size() != commands.size()
                || right.size() != commands.size()) {
            return Comparison.EXACT.compare(exchange);
        }
        for (int i = 0; i < commands.size(); i++) {
            Words words = commands.get(i);
            // What the rule would ask has no answer any more: the state after this command is gone.
            Comparison rule = rules.of(words).asks() ? Comparison.SHAPE : rules.of(words);
            Optional<String> wrong = rule.compare(exchange.with(words, left.get(i), right.get(i)));
            if (wrong.isPresent()) {
                return Optional.of("element " + i + ", of " + words + ": " + wrong.get());
            }
        }
        return Optional.empty();
    }

    private static boolean isAlone(Words words, String name) {
        return words.size() == 1 && words.name().equals(name);
    }
}
