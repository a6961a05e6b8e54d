package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.ADMIN;
import static io.kvasir.gateway.command.CommandFlag.FAST;
import static io.kvasir.gateway.command.CommandFlag.LOADING;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.key.SlotKeys;
import io.kvasir.proto.key.Slot;
import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The CLUSTER commands; READONLY and READWRITE, which say whether replicas may answer reads, as strict as the
 * connection asks for; and ASKING, which changes nothing because every node answers every key. On a connection that is
 * not of the cluster kind all of them are refused, as a Redis without cluster mode does.
 */
public final class ClusterCommands {

    /** The answer on a connection that is not of the cluster kind. */
    public static final CommandError DISABLED = new CommandError("ERR This instance has cluster support disabled");

    private final Supplier<ClusterView> view;

    ClusterCommands(Supplier<ClusterView> view) {
        this.view = view;
    }

    List<Command> all() {
        return List.of(
                replicas("READONLY", true),
                replicas("READWRITE", false),
                of(Rows.connection("ASKING", 1, "3.0.0", FAST), _ -> Reply.OK),
                Rows.container("CLUSTER", "3.0.0"),
                of(Rows.row("CLUSTER INFO", 2, "3.0.0", STALE), _ -> Rows.verbatim(info(view.get()))),
                of(
                        Rows.row("CLUSTER MYID", 2, "3.0.0", STALE),
                        _ -> Rows.bulk(view.get().me().id())),
                of(
                        Rows.row("CLUSTER MYSHARDID", 2, "7.2.0", STALE),
                        _ -> Rows.bulk(view.get().me().id())),
                of(
                        Rows.row("CLUSTER COUNT-FAILURE-REPORTS", 3, "3.0.0", ADMIN, STALE),
                        arguments -> ofNode(arguments, Reply.ZERO)),
                of(
                        Rows.row("CLUSTER REPLICAS", 3, "5.0.0", ADMIN, STALE),
                        arguments -> ofNode(arguments, Reply.EMPTY_ARRAY)),
                of(
                        Rows.row("CLUSTER SLAVES", 3, "3.0.0", ADMIN, STALE),
                        arguments -> ofNode(arguments, Reply.EMPTY_ARRAY)),
                of(
                        Rows.row("CLUSTER NODES", 2, "3.0.0", STALE),
                        (session, _) -> Rows.verbatim(nodes(view.get(), session.tls()))),
                of(
                        Rows.row("CLUSTER SLOTS", 2, "3.0.0", LOADING, STALE),
                        (session, _) -> slots(view.get(), session.tls())),
                of(Rows.row("CLUSTER SHARDS", 2, "7.0.0", LOADING, STALE), _ -> shards(view.get())),
                of(Rows.row("CLUSTER LINKS", 2, "7.0.0", STALE), _ -> links()),
                of(Rows.row("CLUSTER KEYSLOT", 3, "3.0.0", STALE), arguments -> Reply.of(Slot.of(arguments.next()))),
                SlotKeys.Form.COUNTKEYSINSLOT.row(),
                SlotKeys.Form.GETKEYSINSLOT.row(),
                of(Rows.row("CLUSTER HELP", 2, "5.0.0", LOADING, STALE), _ -> help()));
    }

    private static Command replicas(String name, boolean may) {
        return Rows.immediate(Rows.connection(name, 1, "3.0.0", FAST, LOADING, STALE), (session, _) -> {
            if (!session.cluster()) {
                throw DISABLED;
            }
            session.readsReplicas(may);
            return Reply.OK;
        });
    }

    @FunctionalInterface
    private interface Code {

        Reply run(Arguments arguments) throws CommandError;
    }

    private static Command of(CommandSpec spec, SessionCommand.ImmediateCode code) {
        return Rows.immediate(spec, (session, arguments) -> {
            if (!session.cluster()) {
                throw DISABLED;
            }
            return code.run(session, arguments);
        });
    }

    private static Command of(CommandSpec spec, Code code) {
        return of(spec, (_, arguments) -> code.run(arguments));
    }

    private static String info(ClusterView view) {
        int assigned =
                view.nodes().stream().mapToInt(ClusterView.Node::slotCount).sum();
        int reachable = view.nodes().stream()
                .filter(ClusterView.Node::reachable)
                .mapToInt(ClusterView.Node::slotCount)
                .sum();
        long serving =
                view.nodes().stream().filter(node -> node.slotCount() > 0).count();
        InfoText text = new InfoText();
        text.line("cluster_state", reachable == Slot.COUNT ? "ok" : "fail");
        text.line("cluster_slots_assigned", assigned);
        text.line("cluster_slots_ok", reachable);
        text.line("cluster_slots_pfail", assigned - reachable);
        text.line("cluster_slots_fail", 0);
        text.line("cluster_known_nodes", view.nodes().size());
        text.line("cluster_size", serving);
        text.line("cluster_current_epoch", view.epoch());
        text.line("cluster_my_epoch", view.epoch());
        text.zeros("cluster_stats_messages_sent", "cluster_stats_messages_received");
        text.zeros("total_cluster_links_buffer_limit_exceeded");
        return text.toString();
    }

    private static String nodes(ClusterView view, boolean tls) {
        StringBuilder text = new StringBuilder();
        for (ClusterView.Node node : view.nodes()) {
            text.append(node.id())
                    .append(' ')
                    .append(node.host())
                    .append(':')
                    .append(node.port(tls))
                    .append('@');
            text.append(node.peerPort()).append(node == view.me() ? " myself,master" : " master");
            text.append(node.reachable() ? "" : ",fail?").append(" - 0 0 ").append(view.epoch());
            text.append(node.reachable() ? " connected" : " disconnected");
            for (ClusterView.SlotRange range : node.slots()) {
                text.append(' ').append(range.first());
                if (range.last() != range.first()) {
                    text.append('-').append(range.last());
                }
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static Reply slots(ClusterView view, boolean tls) {
        List<Reply> all = new ArrayList<>();
        for (ClusterView.Node node : view.nodes()) {
            Reply where = Reply.array(
                    List.of(Rows.bulk(node.host()), Reply.of(node.port(tls)), Rows.bulk(node.id()), Reply.EMPTY_ARRAY));
            for (ClusterView.SlotRange range : node.slots()) {
                all.add(Reply.array(List.of(Reply.of(range.first()), Reply.of(range.last()), where)));
            }
        }
        return Reply.array(all);
    }

    private static Reply shards(ClusterView view) {
        List<Reply> all = new ArrayList<>();
        for (ClusterView.Node node : view.nodes()) {
            List<Reply> slots = new ArrayList<>();
            for (ClusterView.SlotRange range : node.slots()) {
                slots.add(Reply.of(range.first()));
                slots.add(Reply.of(range.last()));
            }
            List<Reply> member = new ArrayList<>(List.of(Reply.bulk("id"), Rows.bulk(node.id())));
            if (node.port() > 0) {
                member.addAll(List.of(Reply.bulk("port"), Reply.of(node.port())));
            }
            if (node.tlsPort() > 0) {
                member.addAll(List.of(Reply.bulk("tls-port"), Reply.of(node.tlsPort())));
            }
            member.addAll(List.of(
                    Reply.bulk("ip"), Rows.bulk(node.host()),
                    Reply.bulk("endpoint"), Rows.bulk(node.host()),
                    Reply.bulk("role"), Reply.bulk("master"),
                    Reply.bulk("replication-offset"), Reply.ZERO,
                    Reply.bulk("health"), Reply.bulk(node.reachable() ? "online" : "fail")));
            all.add(new Reply.MapOf(List.of(
                    Reply.bulk("slots"),
                    Reply.array(slots),
                    Reply.bulk("nodes"),
                    Reply.array(List.of(new Reply.MapOf(member))))));
        }
        return Reply.array(all);
    }

    /** Answers {@code reply}, which is the same for every node: each leads ranges, none is a replica of another. */
    private Reply ofNode(Arguments arguments, Reply reply) throws CommandError {
        String id = Rows.text(arguments.next());
        if (view.get().nodes().stream().noneMatch(node -> node.id().equals(id))) {
            throw new CommandError("ERR Unknown node " + id);
        }
        return reply;
    }

    /** Returns no links: there is no cluster bus of Redis here. */
    private static Reply links() {
        return Reply.EMPTY_ARRAY;
    }

    private static Reply help() {
        return Rows.help(
                "CLUSTER",
                "COUNT-FAILURE-REPORTS <node-id>",
                "    Return the number of failure reports of <node-id>, of which there are none.",
                "COUNTKEYSINSLOT <slot>",
                "    Return the number of keys in <slot>, whichever node leads it.",
                "GETKEYSINSLOT <slot> <count>",
                "    Return up to <count> keys of <slot>, whichever node leads it.",
                "INFO",
                "    Return information about the cluster.",
                "KEYSLOT <key>",
                "    Return the hash slot for <key>.",
                "LINKS",
                "    Return the links of the cluster bus, of which there are none.",
                "MYID",
                "    Return the id of this node.",
                "MYSHARDID",
                "    Return the id of this node's shard, which is that of the node.",
                "NODES",
                "    Return the nodes, each with the slots whose ranges it leads. Output format:",
                "    <id> <ip:port> <flags> <master> <pings> <pongs> <epoch> <link> <slot> ...",
                "REPLICAS <node-id>",
                "    Return the replicas of <node-id>, of which there are none: ranges have replicas.",
                "SHARDS",
                "    Return the nodes with the slots whose ranges they lead.",
                "SLOTS",
                "    Return ranges of slots with the node that leads them.");
    }
}
