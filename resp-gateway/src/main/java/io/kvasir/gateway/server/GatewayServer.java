package io.kvasir.gateway.server;

import io.kvasir.gateway.session.ClientLimits;
import io.kvasir.gateway.session.Session;
import io.kvasir.gateway.session.SessionCommands;
import io.kvasir.gateway.session.SlowLog;
import io.kvasir.gateway.session.Statistics;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.tls.LiveTls;
import io.kvasir.txn.CommandExecutor;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sockets of a gateway: listens, admits clients, and gives each a {@link Connection}.
 *
 * <p>Every connection lives on one event loop of a fixed number. {@link #listen} and {@link #close} are called by the
 * thread that builds the process.
 */
public final class GatewayServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GatewayServer.class);

    private static final int BACKLOG = 511;
    private static final int WRITE_LOW_BYTES = 256 * 1024;
    private static final int WRITE_HIGH_BYTES = 1024 * 1024;
    private static final long SWEEP_MILLIS = 1_000;
    private static final long SAMPLE_MILLIS = 100;
    private static final long DELIVERY_MILLIS_MAX = 5_000;

    /** Longest wait, at the end, for replies to commands under way; commands that take longer are cut. */
    private static final long OWED_MILLIS_MAX = 2_000;

    private static final byte[] TOO_MANY = ascii("-ERR max number of clients reached\r\n");
    private static final byte[] DENIED =
            ascii("-DENIED Redis is running in protected mode because protected mode is enabled"
                    + " and no password is set for the default user. In this mode connections are only accepted from the loopback"
                    + " interface. If you want to connect from external computers to Redis you may adopt one of the following"
                    + " solutions: 1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' from the"
                    + " loopback interface by connecting to Redis from the same host the server is running, however MAKE SURE Redis"
                    + " is not publicly accessible from internet if you do so. Use CONFIG REWRITE to make this change permanent. 2)"
                    + " Alternatively you can just disable the protected mode by editing the Redis configuration file, and setting"
                    + " the protected mode option to 'no', and then restarting the server. 3) If you started the server manually"
                    + " just for testing, restart it with the '--protected-mode no' option. 4) Setup a an authentication password"
                    + " for the default user. NOTE: You only need to do one of the above things in order for the server to start"
                    + " accepting connections from the outside.\r\n");

    private final Dispatcher dispatcher;
    private final Supplier<ClientLimits> limits;
    private final Statistics statistics;
    private final SlowLog slowLog;
    private final Ticker ticker;
    private final boolean epoll = Epoll.isAvailable();
    private final MultiThreadIoEventLoopGroup group;
    private final Map<EventLoop, Loop> loops = new IdentityHashMap<>();
    private final List<Channel> listeners = new ArrayList<>();
    private final Handshakes handshakes = new Handshakes();

    /**
     * Starts the event loops; nothing listens yet.
     *
     * @param threads event loops, from 1
     * @param commands the commands of connections and the server, and what they share
     * @param executor runs the commands over data
     * @param virtualThreads runs commands that wait, each connection at most one; not closed here
     */
    public GatewayServer(
            int threads,
            SessionCommands commands,
            CommandExecutor executor,
            ExecutorService virtualThreads,
            Ticker ticker) {
        this.dispatcher = new Dispatcher(commands, executor, virtualThreads);
        this.limits = commands.settings()::limits;
        this.statistics = commands.statistics();
        this.slowLog = commands.slowLog();
        this.ticker = ticker;
        this.group = new MultiThreadIoEventLoopGroup(
                threads, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        for (EventExecutor each : group) {
            Loop loop = new Loop(statistics.newLoop());
            loops.put((EventLoop) each, loop);
            each.scheduleWithFixedDelay(
                    () -> loop.sweep(limits.get(), ticker.nanoTime()),
                    SWEEP_MILLIS,
                    SWEEP_MILLIS,
                    TimeUnit.MILLISECONDS);
        }
        group.next()
                .scheduleWithFixedDelay(
                        () -> statistics.sample(ticker.nanoTime()),
                        SAMPLE_MILLIS,
                        SAMPLE_MILLIS,
                        TimeUnit.MILLISECONDS);
        LOG.info("event loops started transport={} threads={}", transport(), threads);
    }

    /** Returns the name of the transport in use: "epoll" or "nio". */
    public String transport() {
        return epoll ? "epoll" : "nio";
    }

    /**
     * Listens at {@code host}:{@code port} and returns the port.
     *
     * @param port 0 for any free one
     * @param cluster whether clients that come here are cluster clients (rule K36)
     * @throws IOException if the address cannot be bound
     */
    public int listen(String host, int port, boolean cluster) throws IOException {
        return bind(host, port, cluster, null);
    }

    /**
     * Listens at {@code host}:{@code port} for clients that speak TLS and returns the port.
     *
     * @param port 0 for any free one
     * @param cluster as for {@link #listen}
     * @param tls what connections are made with as they come
     * @throws IOException if the address cannot be bound
     */
    public int listenTls(String host, int port, boolean cluster, LiveTls tls) throws IOException {
        return bind(host, port, cluster, tls);
    }

    private int bind(String host, int port, boolean cluster, @Nullable LiveTls tls) throws IOException {
        Class<? extends ServerChannel> type = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(type)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(WRITE_LOW_BYTES, WRITE_HIGH_BYTES))
                .childHandler(new ChannelInitializer<DuplexChannel>() {
                    @Override
                    protected void initChannel(DuplexChannel channel) {
                        admit(channel, cluster, tls);
                    }
                });
        var bound = bootstrap.bind(host, port).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen at " + host + ":" + port, bound.cause());
        }
        listeners.add(bound.channel());
        return ((InetSocketAddress) bound.channel().localAddress()).getPort();
    }

    /** Stops listening, lets every client have the replies it is owed for a bounded time, and stops the event loops. */
    @Override
    public void close() {
        listeners.forEach(listener -> listener.close().awaitUninterruptibly(DELIVERY_MILLIS_MAX));
        CountDownLatch delivered = new CountDownLatch(loops.size());
        loops.forEach((eventLoop, loop) -> eventLoop.execute(() -> loop.endAll(delivered::countDown)));
        try {
            if (!delivered.await(OWED_MILLIS_MAX, TimeUnit.MILLISECONDS)) {
                LOG.warn("some replies are not there yet and cannot be delivered");
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        group.shutdownGracefully(50, DELIVERY_MILLIS_MAX, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(2 * DELIVERY_MILLIS_MAX);
        handshakes.close();
    }

    private void admit(DuplexChannel channel, boolean cluster, @Nullable LiveTls tls) {
        ClientLimits now = limits.get();
        statistics.connected();
        if (!dispatcher.sessions().admit(now.clientsMax())) {
            statistics.rejectedConnection();
            refuse(channel, TOO_MANY, tls != null);
            return;
        }
        InetSocketAddress remote = (InetSocketAddress) channel.remoteAddress();
        if (now.protectedMode() && dispatcher.isOpen() && !remote.getAddress().isLoopbackAddress()) {
            dispatcher.sessions().leave();
            statistics.rejectedConnection();
            refuse(channel, DENIED, tls != null);
            return;
        }
        SslHandler handshake = tls == null ? null : handshakes.begin(channel, tls);
        if (tls != null && handshake == null) {
            dispatcher.sessions().leave();
            statistics.rejectedConnection();
            refuse(channel, TOO_MANY, true);
            return;
        }
        keepAlive(channel, now.keepAliveSeconds());
        Session session = new Session(
                dispatcher.sessions().nextId(),
                channel instanceof EpollSocketChannel socket ? socket.fd().intValue() : 0,
                text(remote),
                text((InetSocketAddress) channel.localAddress()),
                cluster,
                tls != null,
                ticker.nanoTime(),
                channel::close);
        session.initialConsistency(dispatcher.initialConsistency());
        Loop loop = Objects.requireNonNull(loops.get(channel.eventLoop()));
        channel.pipeline()
                .addLast(new Connection(
                        channel, handshake, loop, dispatcher, session, limits, statistics, slowLog, ticker));
    }

    /** Says why and closes; over TLS nothing can be said before a handshake, which is not begun. */
    private static void refuse(Channel channel, byte[] text, boolean mute) {
        channel.config().setAutoRead(false);
        if (mute) {
            channel.eventLoop().execute(channel::close);
            return;
        }
        channel.eventLoop().execute(() -> channel.writeAndFlush(Unpooled.wrappedBuffer(text))
                .addListener(ChannelFutureListener.CLOSE));
    }

    private static void keepAlive(Channel channel, int seconds) {
        if (channel instanceof EpollSocketChannel && seconds > 0) {
            channel.config().setOption(EpollChannelOption.TCP_KEEPIDLE, seconds);
            channel.config().setOption(EpollChannelOption.TCP_KEEPINTVL, Math.max(1, seconds / 3));
            channel.config().setOption(EpollChannelOption.TCP_KEEPCNT, 3);
        }
    }

    private static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
