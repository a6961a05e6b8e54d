package io.kvasir.region.link;

import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.stub.ServerCalls;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.AddressBook.Address;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.tls.LiveTls;
import io.kvasir.region.tls.NodeIdentity;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The link on gRPC: to every peer one stream for the requests of this store, and from every peer one for its own; and
 * the same again, on connections of their own, for bulk data as soon as there are any. What a store sends to itself
 * does not leave the process.
 *
 * <p>Threads, all named "link-": {@link #IO_THREADS} that move bytes and call handlers and answers, one that accepts,
 * one for time-outs, and one for what this store sends to itself.
 */
public final class GrpcLink implements Link {

    /** Threads that move bytes. */
    static final int IO_THREADS = 2;

    /** How exact time-outs are, milliseconds. */
    static final int TIMER_MILLIS = 50;

    static final MethodDescriptor<List<Frame>, List<Frame>> EXCHANGE =
            MethodDescriptor.<List<Frame>, List<Frame>>newBuilder()
                    .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                    .setFullMethodName("kvasir.Link/Exchange")
                    .setRequestMarshaller(new FrameMarshaller())
                    .setResponseMarshaller(new FrameMarshaller())
                    .build();

    private static final Logger LOG = LoggerFactory.getLogger(GrpcLink.class);

    private static final int MESSAGE_BYTES_MAX = Outbox.BATCH_BYTES_MAX + Frame.PAYLOAD_BYTES_MAX + Frame.HEADER_BYTES;
    private static final int WINDOW_BYTES = 8 << 20;
    private static final int KEEPALIVE_SECONDS = 10;
    private static final int KEEPALIVE_TIMEOUT_SECONDS = 5;
    private static final int CLOSE_SECONDS = 2;

    /** How long a peer may take from its connection to its first request. */
    private static final int HANDSHAKE_SECONDS = 10;

    private final LinkSettings settings;
    private final AddressBook addresses;
    private final Ticker ticker;
    private final PeerListener listener;
    private final Map<Integer, Handler> handlers = new ConcurrentHashMap<>();
    private final Map<StoreId, IncomingStream> newest = new ConcurrentHashMap<>();
    private final Map<String, String> refused = new ConcurrentHashMap<>();
    private final Map<StoreId, Peer> peers = new ConcurrentHashMap<>();
    private final Map<StoreId, Peer> bulkPeers = new ConcurrentHashMap<>();
    private final Requests ownRequests = new Requests(OutgoingStream.OUTSTANDING_BYTES_MAX);
    private final AtomicBoolean closed = new AtomicBoolean();
    private final EventLoopGroup acceptor;
    private final EventLoopGroup io;
    private final ScheduledExecutorService timer;
    private final ExecutorService own;
    private final Optional<LinkTls> tls;
    private final Server server;

    private GrpcLink(
            LinkSettings settings, AddressBook addresses, Ticker ticker, PeerListener listener, Optional<LinkTls> tls)
            throws IOException {
        this.tls = tls;
        this.settings = settings;
        this.addresses = addresses;
        this.ticker = ticker;
        this.listener = listener;
        this.acceptor = new MultiThreadIoEventLoopGroup(1, named("link-accept-"), NioIoHandler.newFactory());
        this.io = new MultiThreadIoEventLoopGroup(IO_THREADS, named("link-io-"), NioIoHandler.newFactory());
        this.timer = Executors.newSingleThreadScheduledExecutor(named("link-timer-"));
        this.own = Executors.newSingleThreadExecutor(named("link-self-"));
        this.server = newServer();
        boolean started = false;
        try {
            server.start();
            started = true;
        } finally {
            if (!started) {
                stopThreads();
            }
        }
        timer.scheduleWithFixedDelay(this::expire, TIMER_MILLIS, TIMER_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Listens at the address of {@code settings} and serves what {@link #serve} is told.
     *
     * @param addresses where the peers are; may change at any time
     * @param listener hears of peers that come and go
     * @throws IOException if the address cannot be bound
     */
    public static GrpcLink open(LinkSettings settings, AddressBook addresses, Ticker ticker, PeerListener listener)
            throws IOException {
        return new GrpcLink(settings, addresses, ticker, listener, Optional.empty());
    }

    /**
     * As {@link #open}, over TLS in both directions: who shows no certificate of the CA, or one that does not carry the
     * name of nodes, is not talked to.
     *
     * @param identity has a CA
     * @throws IOException if the address cannot be bound, or this Java cannot speak TLS as gRPC needs it
     */
    public static GrpcLink openTls(
            LinkSettings settings, AddressBook addresses, Ticker ticker, PeerListener listener, LiveTls identity)
            throws IOException {
        return new GrpcLink(settings, addresses, ticker, listener, Optional.of(LinkTls.of(new NodeIdentity(identity))));
    }

    /** Returns the port at which this link listens. */
    public int port() {
        return server.getPort();
    }

    @Override
    public StoreId self() {
        return settings.self();
    }

    @Override
    public void send(StoreId to, Channel channel, byte[] request, int timeoutMillis, Answer answer) {
        if (request.length > Frame.PAYLOAD_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "request of " + request.length + " bytes, at most " + Frame.PAYLOAD_BYTES_MAX);
        }
        if (closed.get()) {
            answer.accept(null, new Failure("the link is closed", false));
        } else if (to.equals(self())) {
            sendToSelf(channel, request, timeoutMillis, answer);
        } else {
            OutgoingStream stream = (channel == Channel.BULK ? bulkPeer(to) : peer(to)).streamIfUp();
            if (stream == null) {
                answer.accept(null, new Failure("no stream to " + to, false));
            } else {
                stream.send(channel, request, timeoutMillis, answer);
            }
        }
    }

    @Override
    public void serve(Channel channel, Handler handler) {
        if (handlers.putIfAbsent(channel.number(), handler) != null) {
            throw new IllegalStateException("channel " + channel + " is served already");
        }
    }

    @Override
    public boolean isUp(StoreId to) {
        return !closed.get() && (to.equals(self()) || peer(to).streamIfUp() != null);
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        peers.values().forEach(Peer::close);
        bulkPeers.values().forEach(Peer::close);
        ownRequests.failAll(new Failure("the link is closed", true));
        server.shutdownNow();
        try {
            if (!server.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("server still busy, store={}", self());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stopThreads();
    }

    private Peer peer(StoreId store) {
        Peer peer = peers.get(store);
        return peer != null
                ? peer
                : peers.computeIfAbsent(
                        store,
                        unused -> new Peer(
                                settings, store, Hello.MESSAGES, addresses, ticker, this::channelTo, listener));
    }

    private Peer bulkPeer(StoreId store) {
        return bulkPeers.computeIfAbsent(
                store,
                unused -> new Peer(settings, store, Hello.BULK, addresses, ticker, this::channelTo, (peer, up) -> {}));
    }

    private void expire() {
        try {
            long now = ticker.nanoTime();
            peers.values().forEach(peer -> peer.expire(now));
            bulkPeers.values().forEach(peer -> peer.expire(now));
            ownRequests.expire(now, new Failure("no answer in time", true));
        } catch (RuntimeException e) {
            LOG.error("timer of the link failed", e);
        }
    }

    private void sendToSelf(Channel channel, byte[] request, int timeoutMillis, Answer answer) {
        Handler handler = handlers.get(channel.number());
        if (handler == null) {
            answer.accept(null, new Failure("nobody serves channel " + channel, false));
            return;
        }
        long id = ownRequests.add(answer, request.length, ticker.nanoTime() + timeoutMillis * 1_000_000L);
        if (id == 0) {
            answer.accept(null, new Failure("too much is unanswered by this store", false));
            return;
        }
        own.execute(() -> {
            try {
                handler.handle(self(), request, response -> ownRequests.respond(id, response));
            } catch (RuntimeException e) {
                LOG.error("handler failed, channel={}, from={}", channel, self(), e);
                ownRequests.fail(id, new Failure("the handler failed", true));
            }
        });
    }

    private Server newServer() {
        ServerServiceDefinition service = ServerServiceDefinition.builder("kvasir.Link")
                .addMethod(
                        EXCHANGE,
                        ServerCalls.asyncBidiStreamingCall(
                                answers -> new IncomingStream(settings, handlers, newest, refused, answers)))
                .build();
        NettyServerBuilder builder =
                NettyServerBuilder.forAddress(new InetSocketAddress(settings.host(), settings.port()));
        tls.ifPresent(both -> builder.sslContext(both.server()));
        return builder.addService(service)
                .bossEventLoopGroup(acceptor)
                .workerEventLoopGroup(io)
                .channelType(NioServerSocketChannel.class)
                .directExecutor()
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .flowControlWindow(WINDOW_BYTES)
                .permitKeepAliveTime(KEEPALIVE_SECONDS / 2, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
                .build();
    }

    private ManagedChannel channelTo(Address address) {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(address.host(), address.port());
        if (tls.isPresent()) {
            builder.sslContext(tls.get().client());
        } else {
            builder.usePlaintext();
        }
        return builder.eventLoopGroup(io)
                .channelType(NioSocketChannel.class)
                .directExecutor()
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .flowControlWindow(WINDOW_BYTES)
                .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .build();
    }

    private void stopThreads() {
        timer.shutdownNow();
        own.shutdown();
        io.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
        acceptor.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
    }

    private ThreadFactory named(String prefix) {
        return Thread.ofPlatform().daemon().name(prefix + settings.self() + "-", 0)::unstarted;
    }
}
