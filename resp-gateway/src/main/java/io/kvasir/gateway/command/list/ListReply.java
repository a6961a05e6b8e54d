package io.kvasir.gateway.command.list;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.ListValue;
import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;

/** How commands over lists read positions, and end. Stateless. */
final class ListReply {

    /** What the blocking commands on lists wait for. */
    static final String AWAITED = "list";

    private ListReply() {}

    /** Takes up to {@code most} elements from {@code end} of a list that is there, and stores it. */
    static List<byte[]> pop(ListValue list, ListEnd end, long most) throws CommandError {
        List<byte[]> elements = list.pop(end.isLeft(), most);
        store(list, end.popped());
        return elements;
    }

    /** Stores a list that has lost elements, and reports {@code event} and whether the key is gone. */
    static void store(ListValue list, KeyspaceEvent event) throws CommandError {
        list.claim();
        list.store();
        report(list, event);
    }

    /** Reports {@code event} of {@code list}, and whether the key is gone with its last element. */
    static void report(ListValue list, KeyspaceEvent event) {
        list.entry().event(event);
        if (list.size() == 0) {
            list.entry().event(KeyspaceEvent.DEL);
        }
    }

    /** Returns the rank that {@code start} means in a list of {@code size} elements, perhaps beyond it. */
    static long from(long start, long size) {
        return Math.max(0, start < 0 ? start + size : start);
    }

    /** Returns the rank behind the one that {@code stop} means in a list of {@code size} elements, perhaps below 0. */
    static long to(long stop, long size) {
        return stop < 0 ? stop + size + 1 : stop >= size ? size : stop + 1;
    }

    /** Returns {@code elements} as an array. */
    static Reply reply(List<byte[]> elements) {
        List<Reply> replies = new ArrayList<>(elements.size());
        for (byte[] element : elements) {
            replies.add(Reply.bulk(element));
        }
        return Reply.array(replies);
    }
}
