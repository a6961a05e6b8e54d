package io.kvasir.tools.server;

import io.kvasir.gateway.acl.UserStore;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.database.Flush;
import io.kvasir.gateway.command.database.RangeProcedures;
import io.kvasir.gateway.command.transaction.Exec;
import io.kvasir.gateway.command.transaction.WatchKey;
import io.kvasir.gateway.server.GatewayServer;
import io.kvasir.gateway.session.MigrateCommand;
import io.kvasir.gateway.session.NodeActions;
import io.kvasir.gateway.session.NodeFacts;
import io.kvasir.gateway.session.SessionCommands;
import io.kvasir.gateway.session.SnapshotCommand;
import io.kvasir.gateway.tracking.StreamWatch;
import io.kvasir.proto.control.ClusterView;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.placement.IdKind;
import io.kvasir.region.Procedure;
import io.kvasir.region.ProcedureTable;
import io.kvasir.region.link.Link;
import io.kvasir.region.placement.Answer;
import io.kvasir.region.placement.PlacementClient;
import io.kvasir.region.time.SystemTicker;
import io.kvasir.region.time.Timer;
import io.kvasir.tools.config.ConfigException;
import io.kvasir.tools.config.NodeConfig;
import io.kvasir.txn.Router;
import io.kvasir.txn.percolator.Percolator;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The gateway of a node. Built and closed by the thread that builds the process. */
final class NodeGateway implements AutoCloseable {

    /** Version of this program. */
    static final String VERSION = "0.1.0";

    /** An argument, and a request, may take the heap's bytes divided by this, whatever the settings say. */
    private static final int BULK_HEAP_PART = 4;

    private static final int REQUEST_HEAP_PART = 2;

    private static final int ALLOCATE_SECONDS_MAX = 15;
    private static final String SETTINGS_REFUSED = "what CONFIG REWRITE wrote cannot be read: ";

    private final NodeConfig config;
    private final Timer timer;
    private final SlotMap slots;
    private final SessionCommands commands;
    private final GatewayServer server;
    private final NodeTls tls;
    private final ExecutorService virtualThreads = Executors.newVirtualThreadPerTaskExecutor();

    NodeGateway(
            NodeConfig config,
            Router router,
            NodeStore store,
            NodePlacement placement,
            Link link,
            SystemTicker ticker,
            Timer timer,
            Readings readings,
            ClusterView view,
            NodeTls tls) {
        this.config = config;
        this.tls = tls;
        this.timer = timer;
        slots = new SlotMap(config, link, store.ranges(), view);
        byte[] run = new byte[20];
        new SecureRandom().nextBytes(run);
        NodeFacts facts = new NodeFacts(
                VERSION,
                HexFormat.of().formatHex(run),
                config.listen().redisPort(),
                ProcessHandle.current().info().command().orElse(""),
                config.settingsFile().toString(),
                ticker.nanoTime());
        commands = new SessionCommands(
                new SessionCommands.Surroundings(
                        settings(config),
                        facts,
                        readings::now,
                        slots::current,
                        placement.time(),
                        ticker,
                        ticker::wallMillis,
                        new NodeActions(
                                store::checkpoint,
                                NodeGateway::stop,
                                new LeaderExit(new StoreId(config.nodeId()), store.ranges(), slots::storeOf, timer))),
                rows(placement.client(), router));
        commands.pubSub().connect(link, slots::stores);
        commands.pubSub()
                .hearEvents(
                        store.ranges(),
                        store.applied(),
                        store.listeners(),
                        commands.settings()::events,
                        placement.time(),
                        ticker,
                        timer);
        commands.tracking()
                .connect(
                        store.ranges(),
                        router.gateway(),
                        new StreamWatch(router::regions, store.ranges(), router::whenLevel, ticker, timer));
        store.applied().add(commands.tracking());
        commands.directory().connect(router, commands.pubSub()::announceUsers, commands::enforceUsers);
        commands.pubSub().onUsersChanged(commands.directory()::read);
        commands.settings().onTls(tls::change);
        try {
            commands.keepSettings(config.settingsFile());
        } catch (IOException wrong) {
            throw new ConfigException(SETTINGS_REFUSED + wrong.getMessage());
        }
        server = new GatewayServer(config.threads().eventLoops(), commands, router, virtualThreads, ticker);
    }

    /** Begins to stop the process as SIGTERM does; the thread that asks is not held up. */
    private static void stop() {
        Thread.ofPlatform().name("kvasir-shutdown").start(() -> System.exit(0));
    }

    /** Returns every procedure that the ranges of this node must know. */
    ProcedureTable procedures() {
        List<Procedure> all = new ArrayList<>(commands.table().procedures());
        all.addAll(RangeProcedures.all());
        all.add(Exec.procedure(commands.table()));
        all.add(WatchKey.PROCEDURE);
        all.addAll(Percolator.procedures());
        all.addAll(UserStore.procedures(commands::table));
        return new ProcedureTable(all);
    }

    void learn(ClusterView view) {
        slots.learn(view);
    }

    /** Begins to read what clients may do, again and again. */
    void followUsers() {
        commands.directory().follow(timer);
    }

    /** Returns whether it is known what clients may do. */
    boolean knowsUsers() {
        return commands.users().areKnown();
    }

    /** Returns all that INFO says. Any thread. */
    String info() {
        return commands.info();
    }

    /** Begins to serve clients. */
    void listen() throws IOException {
        NodeConfig.Listen listen = config.listen();
        NodeConfig.Audit audit = config.audit();
        if (audit.enabled()) {
            commands.audit().open(config.logDirectory().resolve("audit.log"), audit.bytesMax(), audit.files());
        }
        if (listen.redisPort() > 0) {
            server.listen(listen.bind(), listen.redisPort(), listen.cluster());
        }
        if (config.tls().port() > 0) {
            server.listenTls(listen.bind(), config.tls().port(), listen.cluster(), tls.require());
        }
    }

    /** Returns the commands that need more of the node than the gateway has. */
    private List<Command> rows(PlacementClient client, Router router) {
        List<Command> rows = new ArrayList<>(flushes(client));
        rows.add(new SnapshotCommand(router, virtualThreads).row());
        rows.add(new MigrateCommand(router, this::table, tls::ofTargets, timer).row());
        return rows;
    }

    private CommandTable table() {
        return commands.table();
    }

    private static List<Command> flushes(PlacementClient client) {
        return Flush.rows(count -> {
            CompletableFuture<Answer<Long>> answer = new CompletableFuture<>();
            client.allocate(IdKind.ID_KIND_INSTANCE, count, answer::complete);
            try {
                if (answer.get(ALLOCATE_SECONDS_MAX, TimeUnit.SECONDS) instanceof Answer.Granted<Long>(Long first)) {
                    return Math.toIntExact(first);
                }
            } catch (TimeoutException | ExecutionException unavailable) {
                throw new CommandError("TRYAGAIN the placement driver does not answer, nothing was flushed");
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
            throw new CommandError("TRYAGAIN the placement driver has no leader now, nothing was flushed");
        });
    }

    private static Map<String, String> settings(NodeConfig config) {
        NodeConfig.Clients clients = config.clients();
        long heap = config.memory().heapBytes();
        Map<String, String> settings = new HashMap<>();
        settings.put("port", Integer.toString(config.listen().redisPort()));
        settings.put("bind", config.listen().bind());
        settings.put("requirepass", clients.requirepass());
        settings.put("maxclients", Integer.toString(clients.maxclients()));
        settings.put("timeout", Long.toString(clients.timeoutSeconds()));
        settings.put("proto-max-bulk-len", Long.toString(Math.min(clients.bulkBytesMax(), heap / BULK_HEAP_PART)));
        settings.put(
                "client-query-buffer-limit",
                Long.toString(Math.min(clients.requestBytesMax(), heap / REQUEST_HEAP_PART)));
        settings.put("client-output-buffer-limit", "normal " + clients.outputBytesMax() + " 0 0");
        settings.putAll(NodeTls.settings(config.tls()));
        settings.put("dir", config.dataDirectories().getFirst().toString());
        return settings;
    }

    /** Stops listening, delivers what clients are owed, and closes their connections. */
    @Override
    public void close() {
        server.close();
        commands.audit().close();
        virtualThreads.shutdownNow();
    }
}
