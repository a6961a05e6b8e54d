package io.kvasir.gateway.session;

import static io.kvasir.gateway.command.CommandFlag.ADMIN;
import static io.kvasir.gateway.command.CommandFlag.NOSCRIPT;
import static io.kvasir.gateway.command.CommandFlag.STALE;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.time.Ticker;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * FAILOVER: the ranges that this node leads are led elsewhere (redis replication.c, failoverCommand). It is answered
 * when it begins; INFO says when it has ended. Nothing can be lost by it, so FORCE changes nothing. Safe for any
 * thread.
 */
final class FailoverCommand {

    private static final Logger LOG = LoggerFactory.getLogger(FailoverCommand.class);
    private static final long PORT_MAX = 65_535;

    private final NodeActions.HandOver handOver;
    private final Supplier<ClusterView> view;
    private final Ticker ticker;
    private final AtomicReference<@Nullable UnderWay> underWay = new AtomicReference<>();

    /** One that has begun; what tells it from others is that it is itself. */
    private static final class UnderWay {}

    /** What the words ask for. */
    private record Wanted(@Nullable String host, long port, long timeoutMillis, boolean force, boolean abort) {}

    FailoverCommand(NodeActions.HandOver handOver, Supplier<ClusterView> view, Ticker ticker) {
        this.handOver = handOver;
        this.view = view;
        this.ticker = ticker;
    }

    Command row() {
        return Rows.immediate(
                Rows.row("FAILOVER", -1, "6.2.0", ADMIN, NOSCRIPT, STALE),
                (session, arguments) -> run(session, parse(arguments)));
    }

    /** Returns the state as INFO names it. */
    String state() {
        return underWay.get() == null ? "no-failover" : "failover-in-progress";
    }

    private static Wanted parse(Arguments arguments) throws CommandError {
        String host = null;
        long port = 0;
        long timeoutMillis = 0;
        boolean force = false;
        boolean abort = false;
        while (arguments.hasNext()) {
            if (timeoutMillis == 0 && arguments.remaining() > 1 && arguments.accept("TIMEOUT")) {
                timeoutMillis = NumberText.parseLong(arguments.next());
                if (timeoutMillis <= 0) {
                    throw new CommandError("ERR FAILOVER timeout must be greater than 0");
                }
            } else if (arguments.size() == 1 && arguments.accept("ABORT")) {
                abort = true;
            } else if (host == null && arguments.remaining() > 2 && arguments.accept("TO")) {
                host = Rows.text(arguments.next());
                port = arguments.nextLong(0, PORT_MAX, CommandError.NOT_AN_INTEGER);
            } else if (!force && arguments.accept("FORCE")) {
                force = true;
            } else {
                throw CommandError.SYNTAX;
            }
        }
        return new Wanted(host, port, timeoutMillis, force, abort);
    }

    private Reply run(Session session, Wanted wanted) throws CommandError {
        if (wanted.abort) {
            if (underWay.getAndSet(null) == null) {
                throw new CommandError("ERR No failover in progress.");
            }
            return Reply.OK;
        }
        if (underWay.get() != null) {
            throw new CommandError("ERR FAILOVER already in progress.");
        }
        Optional<ClusterView.Node> to = target(wanted);
        UnderWay own = new UnderWay();
        if (!underWay.compareAndSet(null, own)) {
            throw new CommandError("ERR FAILOVER already in progress.");
        }
        LOG.info("a client has this node give away what it leads client={}", session.address());
        long begin = ticker.nanoTime();
        long nanosMax =
                wanted.timeoutMillis == 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(wanted.timeoutMillis);
        handOver.begin(
                to,
                () -> underWay.get() == own && ticker.nanoTime() - begin < nanosMax,
                () -> underWay.compareAndSet(own, null));
        return Reply.OK;
    }

    /** Returns the node that shall lead, empty if any other may. */
    private Optional<ClusterView.Node> target(Wanted wanted) throws CommandError {
        ClusterView all = view.get();
        List<ClusterView.Node> others =
                all.nodes().stream().filter(node -> node != all.me()).toList();
        if (others.stream().noneMatch(ClusterView.Node::reachable)) {
            throw new CommandError("ERR FAILOVER requires connected replicas.");
        }
        if (wanted.force && (wanted.timeoutMillis == 0 || wanted.host == null)) {
            throw new CommandError("ERR FAILOVER with force option requires both a timeout and target HOST and IP.");
        }
        if (wanted.host == null) {
            return Optional.empty();
        }
        ClusterView.Node to = others.stream()
                .filter(node -> node.host().equals(wanted.host)
                        && wanted.port > 0
                        && (node.port() == wanted.port || node.tlsPort() == wanted.port))
                .findFirst()
                .orElseThrow(() -> new CommandError("ERR FAILOVER target HOST and PORT is not a replica."));
        if (!to.reachable()) {
            throw new CommandError("ERR FAILOVER target replica is not online.");
        }
        return Optional.of(to);
    }
}
