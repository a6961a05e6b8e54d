package io.kvasir.gateway.server;

import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.database.Flush;
import io.kvasir.gateway.session.ClusterView;
import io.kvasir.gateway.session.MigrateCommand;
import io.kvasir.gateway.session.NodeActions;
import io.kvasir.gateway.session.NodeFacts;
import io.kvasir.gateway.session.NodeReadings;
import io.kvasir.gateway.session.SessionCommands;
import io.kvasir.gateway.session.SnapshotCommand;
import io.kvasir.proto.time.Timestamp;
import io.kvasir.region.time.Timer;
import io.kvasir.region.time.TimestampSource;
import io.kvasir.region.tls.LiveTls;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/** A gateway over records in memory, on free ports of this machine: one port of each kind of listener. */
public final class TestGateway implements AutoCloseable {

    /** The time that TIME answers at first. */
    public static final long MILLIS = 1_700_000_000_123L;

    private static final List<ClusterView.Node> NODES = List.of(
            new ClusterView.Node(
                    "a".repeat(40), "127.0.0.1", 7001, 8001, 17001, true, List.of(new ClusterView.SlotRange(0, 8191))),
            new ClusterView.Node(
                    "b".repeat(40),
                    "127.0.0.1",
                    7002,
                    8002,
                    17002,
                    true,
                    List.of(new ClusterView.SlotRange(8192, 16382), new ClusterView.SlotRange(16383, 16383))));
    private static final NodeReadings READINGS = new NodeReadings(
            List.of(new NodeReadings.Keyspace(0, 12, 3, 5_000)),
            1 << 20,
            1 << 21,
            1 << 22,
            1 << 30,
            1L << 33,
            4,
            5,
            6,
            7,
            8_000,
            9_000,
            Map.of("regions", "1"));

    private final AtomicInteger instances = new AtomicInteger(1 << 16);
    private final Queue<HandOver> handOvers = new ConcurrentLinkedQueue<>();
    private final AtomicLong time = new AtomicLong(MILLIS);
    private final MapExecutor executor;
    private final SessionCommands commands;
    private final ExecutorService virtualThreads = Executors.newVirtualThreadPerTaskExecutor();
    private final GatewayServer server;
    private final int port;
    private final int clusterPort;

    /**
     * @param replies see {@link MapExecutor}
     * @param settings values of CONFIG at the start
     * @param self which of two nodes this is: the first leads the slots up to 8191, the second the others
     */
    public TestGateway(Executor replies, Map<String, String> settings, int self) throws IOException {
        this(Runnable::run, replies, settings, self);
    }

    /** Returns a gateway whose commands run on {@code commands}. */
    public static TestGateway evaluatingOn(Executor commands) throws IOException {
        return new TestGateway(commands, Runnable::run, Map.of(), 0);
    }

    private TestGateway(Executor evaluation, Executor replies, Map<String, String> settings, int self)
            throws IOException {
        ClusterView cluster = new ClusterView(7, self, NODES);
        executor = new MapExecutor(evaluation, replies);
        NodeFacts facts = new NodeFacts("0.1", "c".repeat(40), 6379, "", "", System.nanoTime());
        commands = new SessionCommands(
                new SessionCommands.Surroundings(
                        settings,
                        facts,
                        () -> READINGS,
                        () -> cluster,
                        new SetTime(time),
                        System::nanoTime,
                        System::currentTimeMillis,
                        new NodeActions(() -> {}, () -> {}, this::handOver)),
                others());
        commands.directory().connect(executor, Runnable::run, commands::enforceUsers);
        server = new GatewayServer(1, commands, executor, virtualThreads, System::nanoTime);
        port = server.listen("127.0.0.1", 0, false);
        clusterPort = server.listen("127.0.0.1", 0, true);
    }

    private void handOver(Optional<ClusterView.Node> to, BooleanSupplier goesOn, Runnable whenDone) {
        handOvers.add(new HandOver(to, goesOn, whenDone));
    }

    /** A FAILOVER that has begun; it ends when it is told to. */
    public record HandOver(Optional<ClusterView.Node> to, BooleanSupplier goesOn, Runnable whenDone) {}

    /** Returns the FAILOVERs that have begun, in their order. */
    public Queue<HandOver> handOvers() {
        return handOvers;
    }

    private List<Command> others() {
        List<Command> rows = new ArrayList<>(Flush.rows(count -> instances.getAndAdd(count)));
        rows.add(new SnapshotCommand(executor, virtualThreads).row());
        Timer timer = (millis, task) ->
                CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS).execute(task);
        rows.add(new MigrateCommand(executor, this::table, () -> null, timer).row());
        return rows;
    }

    private CommandTable table() {
        return commands.table();
    }

    public TestGateway(Executor replies, Map<String, String> settings) throws IOException {
        this(replies, settings, 0);
    }

    public TestGateway(Executor replies) throws IOException {
        this(replies, Map.of());
    }

    public TestGateway() throws IOException {
        this(Runnable::run);
    }

    /** Listens for clients that speak TLS and returns the port. */
    public int listenTls(LiveTls tls, boolean cluster) throws IOException {
        return server.listenTls("127.0.0.1", 0, cluster, tls);
    }

    public int port() {
        return port;
    }

    public int clusterPort() {
        return clusterPort;
    }

    public MapExecutor executor() {
        return executor;
    }

    /** Returns what TIME answers and tokens are held to, in ms. */
    public AtomicLong time() {
        return time;
    }

    public SessionCommands commands() {
        return commands;
    }

    public RawClient connect() throws IOException {
        return new RawClient(port);
    }

    @Override
    public void close() {
        server.close();
        virtualThreads.close();
    }

    /** An oracle that says what it was set to. */
    private record SetTime(AtomicLong millis) implements TimestampSource {

        @Override
        public void fetch(LongConsumer whenDone) {
            whenDone.accept(newestIssued());
        }

        @Override
        public long newestIssued() {
            return Timestamp.of(millis.get(), 0);
        }

        @Override
        public long bound() {
            return 0;
        }
    }

    /** Serves until the process is stopped; for measurements by hand. */
    public static void main(String[] arguments) throws IOException {
        TestGateway gateway = new TestGateway();
        System.out.println(gateway.port());
    }
}
