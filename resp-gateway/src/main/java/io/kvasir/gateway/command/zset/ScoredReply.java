package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.type.ScoredMember;
import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;

/** Members with their scores as replies. Stateless. */
public final class ScoredReply {

    private ScoredReply() {}

    /** Returns the members alone. */
    public static Reply members(List<ScoredMember> members) {
        List<Reply> elements = new ArrayList<>(members.size());
        for (ScoredMember member : members) {
            elements.add(Reply.bulk(member.member()));
        }
        return Reply.array(elements);
    }

    /** Returns members and scores in turn or, if {@code nested}, an array of two for each member. */
    public static Reply pairs(List<ScoredMember> members, boolean nested) {
        List<Reply> elements = new ArrayList<>(2 * members.size());
        for (ScoredMember member : members) {
            Reply name = Reply.bulk(member.member());
            Reply score = new Reply.Real(member.score());
            if (nested) {
                elements.add(Reply.array(List.of(name, score)));
            } else {
                elements.add(name);
                elements.add(score);
            }
        }
        return Reply.array(elements);
    }
}
