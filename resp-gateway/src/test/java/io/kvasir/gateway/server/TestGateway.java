package io.kvasir.gateway.server;

import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.session.ClientLimits;
import io.kvasir.gateway.session.Sessions;
import io.kvasir.gateway.session.SlowLog;
import io.kvasir.gateway.session.Statistics;
import io.kvasir.proto.reply.Reply;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A gateway over records in memory, on a free port of this machine. */
public final class TestGateway implements AutoCloseable {

    private final MapExecutor executor;
    private final ExecutorService virtualThreads = Executors.newVirtualThreadPerTaskExecutor();
    private final GatewayServer server;
    private final int port;

    /** @param replies see {@link MapExecutor} */
    public TestGateway(Executor replies) throws IOException {
        executor = new MapExecutor(replies);
        CommandTable table = new CommandTable(List.of());
        Statistics statistics = new Statistics(table);
        ClientLimits limits =
                new ClientLimits(100, 0, 300, 512L << 20, 1L << 30, 256L << 20, 0, 0, true, false);
        Dispatcher dispatcher =
                new Dispatcher(table, (_, _) -> Reply.EMPTY_ARRAY, executor, new Sessions(), virtualThreads);
        server = new GatewayServer(
                1, dispatcher, () -> limits, statistics, new SlowLog(System::currentTimeMillis), System::nanoTime);
        port = server.listen("127.0.0.1", 0, false);
    }

    public int port() {
        return port;
    }

    RawClient connect() throws IOException {
        return new RawClient(port);
    }

    @Override
    public void close() {
        server.close();
        virtualThreads.close();
    }
}
