package io.kvasir.gateway.fuzz;

import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Replies as text that tells all of them apart: equal text, equal reply. */
public final class ReplyText {

    private static final int SHOWN_MAX = 20_000;

    private ReplyText() {}

    public static String of(Reply reply) {
        return switch (reply) {
            case Reply.Status(String text) -> "+" + text;
            case Reply.Error(String text) -> "-" + text;
            case Reply.Int(long value) -> ":" + value;
            case Reply.Bulk(byte[] bytes) -> new Words(List.of(bytes)).toString();
            case Reply.Null(boolean array) -> array ? "null array" : "null";
            case Reply.Array(List<Reply> elements) -> "[" + all(elements) + "]";
            case Reply.MapOf(List<Reply> keysAndValues) -> "map{" + all(keysAndValues) + "}";
            case Reply.SetOf(List<Reply> elements) -> "set{" + all(elements) + "}";
            case Reply.Real(double value) -> "," + value;
            case Reply.Bool(boolean value) -> "#" + value;
            case Reply.BigNumber(String digits) -> "(" + digits;
            case Reply.Verbatim(String format, byte[] text) -> "=" + format + ":" + Words.text(text);
            case Reply.Published(Reply own, List<Reply> messages) -> "published[" + of(own) + all(messages) + "]";
            case Reply.Push(List<Reply> elements) -> "push[" + all(elements) + "]";
        };
    }

    /** Returns the reply as text, cut where it is too long for a message. */
    public static String shown(Reply reply) {
        String text = of(reply).replaceAll("\\p{Cntrl}", "?");
        return text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "…";
    }

    /** Returns the text of each element; of an empty list, if the reply has no elements. */
    public static List<String> elements(Reply reply) {
        return children(reply).stream().map(ReplyText::of).collect(Collectors.toCollection(ArrayList::new));
    }

    /** Returns the text of each pair: of the entries of a map, of arrays of two, of a flat array taken two by two. */
    public static List<String> pairs(Reply reply) {
        List<Reply> children = children(reply);
        List<String> pairs = new ArrayList<>();
        if (!children.isEmpty() && children.stream().allMatch(child -> child instanceof Reply.Array)) {
            for (Reply child : children) {
                pairs.add(all(children(child)));
            }
            return pairs;
        }
        for (int i = 0; i < children.size(); i += 2) {
            pairs.add(all(children.subList(i, Math.min(i + 2, children.size()))));
        }
        return pairs;
    }

    /** Returns the kind of the reply and, of an array of arrays, that of its elements: what a client's decoder sees. */
    public static String shape(Reply reply) {
        List<Reply> children = children(reply);
        String own = reply.getClass().getSimpleName();
        return children.isEmpty()
                ? own
                : own + " of " + children.getFirst().getClass().getSimpleName();
    }

    private static List<Reply> children(Reply reply) {
        return switch (reply) {
            case Reply.Array(List<Reply> elements) -> elements;
            case Reply.MapOf(List<Reply> elements) -> elements;
            case Reply.SetOf(List<Reply> elements) -> elements;
            case Reply.Push(List<Reply> elements) -> elements;
            default -> List.of();
        };
    }

    private static String all(List<Reply> replies) {
        return replies.stream().map(ReplyText::of).collect(Collectors.joining(", "));
    }
}
