package io.kvasir.gateway.command.stream;

import io.kvasir.gateway.type.StreamEntry;
import io.kvasir.gateway.type.StreamId;
import io.kvasir.gateway.type.StreamValue;
import io.kvasir.proto.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Ids and entries as replies. Stateless. */
final class EntryReply {

    private EntryReply() {}

    static Reply id(StreamId id) {
        return Reply.bulk(id.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Returns the id, then fields and values in turn. */
    static Reply entry(StreamEntry entry) {
        List<Reply> words = new ArrayList<>(entry.pairs().length);
        for (byte[] word : entry.pairs()) {
            words.add(Reply.bulk(word));
        }
        return Reply.array(List.of(id(entry.id()), Reply.array(words)));
    }

    /**
     * Returns the entries from {@code from} to {@code to}, both included.
     *
     * @param count most of them; 0 for all
     */
    static Reply range(StreamValue stream, StreamId from, StreamId to, boolean reverse, long count) {
        List<Reply> entries = new ArrayList<>();
        stream.range(from, to, reverse, entry -> {
            entries.add(entry(entry));
            return count == 0 || entries.size() < count;
        });
        return Reply.array(entries);
    }
}
