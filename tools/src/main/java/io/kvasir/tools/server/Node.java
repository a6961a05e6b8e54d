package io.kvasir.tools.server;

import io.kvasir.gateway.command.database.ReclaimInstance;
import io.kvasir.gateway.command.database.SweepExpired;
import io.kvasir.proto.control.ClusterView;
import io.kvasir.proto.control.HistoryPolicy;
import io.kvasir.proto.control.RegionEntry;
import io.kvasir.region.link.Link;
import io.kvasir.region.placement.Answer;
import io.kvasir.region.placement.PlacementClient;
import io.kvasir.region.range.CommandService;
import io.kvasir.region.range.ExpirySweeper;
import io.kvasir.region.range.HistoryKeeper;
import io.kvasir.region.range.InstanceReclaimer;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.WaitService;
import io.kvasir.region.time.SystemTicker;
import io.kvasir.region.time.ThreadTimer;
import io.kvasir.region.time.Ticker;
import io.kvasir.tools.config.NodeConfig;
import io.kvasir.tools.metric.NodeMetrics;
import io.kvasir.txn.RouteTable;
import io.kvasir.txn.Router;
import io.kvasir.txn.VirtualStrands;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node: placement, store and gateway in one process, started in that order and stopped in the opposite one. Used by
 * one thread.
 */
final class Node implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    /** How long a starting node waits until every range has a leader, in ms. */
    private static final int LEADERS_MILLIS_MAX = 60_000;

    private static final long POLL_NANOS = 2_000_000;

    /** How long a node waits until it asks for the cluster's settings again after it got no answer, in ms. */
    private static final int SETTINGS_RETRY_MILLIS = 1_000;

    private final Link link;
    private final NodeStore store;
    private final NodePlacement placement;
    private final NodeGateway gateway;
    private final NodeHttp http;
    private final ThreadTimer timer;
    private final Ticker ticker;

    private Node(
            Link link,
            NodeStore store,
            NodePlacement placement,
            NodeGateway gateway,
            NodeHttp http,
            ThreadTimer timer,
            Ticker ticker) {
        this.link = link;
        this.store = store;
        this.placement = placement;
        this.gateway = gateway;
        this.http = http;
        this.timer = timer;
        this.ticker = ticker;
    }

    /**
     * Starts a node; when this returns it serves clients.
     *
     * @throws IOException in one line, if something it needs is not to be had
     */
    static Node start(NodeConfig config, Halt halt) throws IOException {
        SystemTicker ticker = new SystemTicker();
        ThreadTimer timer = new ThreadTimer("kvasir-timer");
        long nonce = new SecureRandom().nextLong() | 1;
        NodeTls tls = new NodeTls(config.tls());
        PeerLinks peers = new PeerLinks(config, ticker, tls.ofPeers());
        Link link = peers.link();
        NodeStore store = new NodeStore(config, link, ticker, halt, nonce + 3);
        NodePlacement placement = new NodePlacement(config, link, ticker, timer, nonce, halt);
        placement.startReplica(store);
        store.startLive(placement.time());
        ClusterView view = placement.join(store);
        placement.place(view, store);
        store.startTicking(timer);
        Router router = new Router(
                nonce,
                routes(view),
                store.ranges(),
                link,
                ticker,
                timer,
                placement.time(),
                new VirtualStrands(Executors.newVirtualThreadPerTaskExecutor()),
                new SecureRandom()::nextLong);
        store.onSplit(router::learn);
        Readings readings = new Readings(config, store);
        NodeGateway gateway =
                new NodeGateway(config, router, store, placement, link, ticker, timer, readings, view, tls);
        link.serve(Link.Channel.COMMAND, new CommandService(store.ranges(), gateway.procedures()));
        link.serve(Link.Channel.WAIT, new WaitService(store.ranges(), gateway.procedures()));
        HistoryKeeper history = new HistoryKeeper(store.ranges(), placement.time(), nonce + 4);
        learn(history, placement, timer);
        placement.watch(view.revision(), newer -> {
            peers.learn(newer.stores());
            placement.place(newer, store);
            router.learn(routes(newer));
            learn(history, placement, timer);
            gateway.learn(newer);
        });
        placement.reportLeads(store);
        store.startSweeping(
                new ExpirySweeper(
                        store.engine(),
                        store.ranges(),
                        placement.time(),
                        gateway.procedures(),
                        SweepExpired.SPEC.name(),
                        nonce + 1),
                new InstanceReclaimer(store.ranges(), gateway.procedures(), ReclaimInstance.SPEC.name(), nonce + 2),
                router.sweeper(store.engine()),
                history);
        awaitLeaders(store, ticker);
        awaitUsers(gateway, ticker);
        NodeMetrics metrics = new NodeMetrics(readings::facts, gateway::info, store.logDisk(), placement::readings);
        NodeHttp http = new NodeHttp(config, store, metrics, placement.client());
        gateway.listen();
        tls.follow(timer);
        LOG.info(
                "node serves, id={} regions={}", config.nodeId(), view.regions().size());
        return new Node(link, store, placement, gateway, http, timer, ticker);
    }

    /** Tells {@code history} what the cluster's settings say, as soon as the placement driver answers. */
    private static void learn(HistoryKeeper history, NodePlacement placement, ThreadTimer timer) {
        placement.client().settings(answer -> {
            if (answer instanceof Answer.Granted<PlacementClient.Settings>(PlacementClient.Settings settings)) {
                history.learn(settings.revision(), HistoryPolicy.of(settings.values()));
            } else {
                timer.after(SETTINGS_RETRY_MILLIS, () -> learn(history, placement, timer));
            }
        });
    }

    private static RouteTable routes(ClusterView view) {
        return new RouteTable(
                view.regions().stream().map(RegionEntry::descriptor).toList());
    }

    private static void awaitLeaders(NodeStore store, Ticker ticker) throws IOException {
        long until = ticker.nanoTime() + LEADERS_MILLIS_MAX * 1_000_000L;
        List<Range> waiting = List.copyOf(store.ranges().all());
        while (waiting.stream()
                .anyMatch(range -> range.servingTerm() == 0 && range.leader().isEmpty())) {
            if (ticker.nanoTime() - until > 0) {
                throw new IOException("a range has no leader after " + LEADERS_MILLIS_MAX / 1000
                        + " s: is a majority of the nodes running?");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private static void awaitUsers(NodeGateway gateway, Ticker ticker) throws IOException {
        long until = ticker.nanoTime() + LEADERS_MILLIS_MAX * 1_000_000L;
        gateway.followUsers();
        while (!gateway.knowsUsers()) {
            if (ticker.nanoTime() - until > 0) {
                throw new IOException("the users cannot be read for " + LEADERS_MILLIS_MAX / 1000
                        + " s: is a majority of the nodes running?");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Gives away what is led here, delivers what clients are owed, and ends everything. */
    @Override
    public void close() {
        placement.leave(store, ticker);
        gateway.close(); // before the timer: what is owed to clients may have to be tried again
        timer.close();
        http.close();
        store.close();
        placement.close();
        link.close();
        placement.endThreads();
        LOG.info("node stopped");
    }
}
