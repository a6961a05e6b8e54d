package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.ADMIN;
import static io.kvasir.gateway.command.CommandFlag.FAST;
import static io.kvasir.gateway.command.CommandFlag.LOADING;
import static io.kvasir.gateway.command.CommandFlag.NOSCRIPT;
import static io.kvasir.gateway.command.CommandFlag.NO_ASYNC_LOADING;
import static io.kvasir.gateway.command.CommandFlag.ONLY_SENTINEL;
import static io.kvasir.gateway.command.CommandFlag.SENTINEL;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * What clients ask about masters and replicas. Every node takes writes for every key and has no replicas of Redis'
 * kind, since ranges have them: so ROLE says "master", and a client that looks for its master through Sentinel is sent
 * to the node it asks, under whatever name it knows it. Safe for any thread.
 */
final class TopologyCommands {

    private static final CommandError NO_FOLLOWING =
            new CommandError("ERR this database does not follow a Redis; to copy one, see kvasir import --from");

    private final Supplier<ClusterView> view;
    private final Supplier<NodeReadings> readings;

    TopologyCommands(Supplier<ClusterView> view, Supplier<NodeReadings> readings) {
        this.view = view;
        this.readings = readings;
    }

    List<Command> all() {
        return List.of(
                Rows.immediate(
                        Rows.row("ROLE", 1, "2.8.12", FAST, LOADING, NOSCRIPT, SENTINEL, STALE)
                                .categories(AclCategory.ADMIN, AclCategory.DANGEROUS),
                        (_, _) -> Reply.array(List.of(
                                Reply.bulk("master"), Reply.of(readings.get().appliedOffset()), Reply.EMPTY_ARRAY))),
                Rows.immediate(
                        Rows.row("REPLICAOF", 3, "5.0.0", ADMIN, NOSCRIPT, NO_ASYNC_LOADING, STALE),
                        (_, arguments) -> follow(arguments)),
                Rows.immediate(
                        Rows.row("SLAVEOF", 3, "1.0.0", ADMIN, NOSCRIPT, NO_ASYNC_LOADING, STALE),
                        (_, arguments) -> follow(arguments)),
                Rows.container("SENTINEL", "2.8.4", ADMIN, ONLY_SENTINEL, SENTINEL),
                sentinel("MASTERS", 2, "2.8.4", (session, _) -> Reply.array(List.of(master("mymaster", session)))),
                sentinel("MASTER", 3, "2.8.4", (session, arguments) -> master(Rows.text(arguments.next()), session)),
                sentinel("GET-MASTER-ADDR-BY-NAME", 3, "2.8.4", (session, _) -> {
                    ClusterView.Node me = view.get().me();
                    String port = Integer.toString(me.port(session.tls()));
                    return Reply.array(List.of(Rows.bulk(me.host()), Rows.bulk(port)));
                }),
                sentinel("REPLICAS", 3, "5.0.0", (_, _) -> Reply.EMPTY_ARRAY),
                sentinel("SLAVES", 3, "2.8.0", (_, _) -> Reply.EMPTY_ARRAY),
                sentinel("SENTINELS", 3, "2.8.4", (session, _) -> sentinels(session)),
                sentinel("MYID", 2, "6.2.0", (_, _) -> Rows.bulk(view.get().me().id())),
                sentinel("CKQUORUM", 3, "2.8.4", (_, _) -> quorum()),
                Rows.immediate(
                        Rows.row("SENTINEL HELP", 2, "6.2.0", LOADING, ONLY_SENTINEL, SENTINEL, STALE),
                        (_, _) -> help()));
    }

    private static Command sentinel(String name, int arity, String since, SessionCommand.ImmediateCode code) {
        return Rows.immediate(Rows.row("SENTINEL " + name, arity, since, ADMIN, ONLY_SENTINEL, SENTINEL), code);
    }

    private static Reply follow(Arguments arguments) throws CommandError {
        if (arguments.accept("NO") && arguments.accept("ONE")) {
            return Reply.OK;
        }
        throw NO_FOLLOWING;
    }

    /** Returns this node as Sentinel describes a master: pairs of field and value. */
    private Reply master(String name, Session session) {
        ClusterView.Node me = view.get().me();
        int others = view.get().nodes().size() - 1;
        return fields(
                "name", name,
                "ip", me.host(),
                "port", Integer.toString(me.port(session.tls())),
                "runid", me.id(),
                "flags", "master",
                "role-reported", "master",
                "num-slaves", "0",
                "num-other-sentinels", Integer.toString(others),
                "quorum", Integer.toString(majority()));
    }

    private Reply sentinels(Session session) {
        ClusterView all = view.get();
        List<Reply> others = new ArrayList<>();
        for (ClusterView.Node node : all.nodes()) {
            if (node != all.me()) {
                others.add(fields(
                        "name", node.id(),
                        "ip", node.host(),
                        "port", Integer.toString(node.port(session.tls())),
                        "runid", node.id(),
                        "flags", node.reachable() ? "sentinel" : "s_down,sentinel"));
            }
        }
        return Reply.array(others);
    }

    private Reply quorum() throws CommandError {
        long reachable =
                view.get().nodes().stream().filter(ClusterView.Node::reachable).count();
        if (reachable < majority()) {
            throw new CommandError(
                    "NOQUORUM " + reachable + " usable Sentinels. Not enough available Sentinels to reach"
                            + " the majority and authorize a failover");
        }
        return new Reply.Status(
                "OK " + reachable + " usable Sentinels. Quorum and failover authorization can be reached");
    }

    private int majority() {
        return view.get().nodes().size() / 2 + 1;
    }

    private static Reply fields(String... pairs) {
        List<Reply> all = new ArrayList<>();
        for (String each : pairs) {
            all.add(Rows.bulk(each));
        }
        return new Reply.MapOf(all);
    }

    private static Reply help() {
        return Rows.help(
                "SENTINEL",
                "CKQUORUM <master-name>",
                "    Tell whether a majority of the nodes can be reached.",
                "GET-MASTER-ADDR-BY-NAME <master-name>",
                "    Return the address of this node, which takes writes for every key.",
                "MASTER <master-name>",
                "    Return this node.",
                "MASTERS",
                "    Return this node.",
                "MYID",
                "    Return the id of this node.",
                "REPLICAS <master-name>",
                "    Return nothing: ranges have replicas, nodes have none.",
                "SENTINELS <master-name>",
                "    Return the other nodes, which answer the same questions.");
    }
}
