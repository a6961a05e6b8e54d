package io.kvasir.gateway.acl;

import io.kvasir.proto.reply.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Users as ACL LIST and ACL GETUSER show them. Stateless. */
public final class AclReply {

    private AclReply() {}

    /** Returns a line for each user: what ACL SETUSER would have to be told. */
    public static Reply list(Collection<User> users) {
        return Reply.array(users.stream()
                .map(user -> text("user " + user.name() + " " + user.describe()))
                .toList());
    }

    /** Returns all of a user. */
    public static Reply user(User user) {
        Selector root = user.selectors().getFirst();
        List<Reply> parts = new ArrayList<>(List.of(
                text("flags"),
                new Reply.SetOf(user.flags().stream().map(AclReply::text).toList()),
                text("passwords"),
                Reply.array(user.passwords().stream().map(AclReply::text).toList())));
        parts.addAll(selector(root));
        parts.add(text("selectors"));
        parts.add(Reply.array(user.selectors().stream()
                .skip(1)
                .map(each -> (Reply) new Reply.MapOf(selector(each)))
                .toList()));
        return new Reply.MapOf(parts);
    }

    private static List<Reply> selector(Selector selector) {
        return List.of(
                text("commands"),
                text(selector.commandRules()),
                text("keys"),
                text(selector.keyRules()),
                text("channels"),
                text(selector.channelRules()));
    }

    private static Reply text(String text) {
        return new Reply.Bulk(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
