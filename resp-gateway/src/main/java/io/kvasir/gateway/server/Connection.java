package io.kvasir.gateway.server;

import io.kvasir.gateway.resp.ReplyEncoder;
import io.kvasir.gateway.resp.RequestDecoder;
import io.kvasir.gateway.session.ClientLimits;
import io.kvasir.gateway.session.CommandMeter;
import io.kvasir.gateway.session.LoopStatistics;
import io.kvasir.gateway.session.Pause;
import io.kvasir.gateway.session.Session;
import io.kvasir.gateway.session.SlowLog;
import io.kvasir.gateway.session.Statistics;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.time.Ticker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client: bytes in, requests in order, replies in the same order.
 *
 * <p>Requests are taken from the decoder while the <em>gate</em> is open. It closes while a command runs that later
 * ones must wait for, while too much is owed or unsent, and for good when the connection ends; bytes then wait in the
 * decoder, up to a bound, and after that in the socket. Commands are answered from any thread in any order: each answer
 * lands in its place of the ring, and the first one that finds no wake-up on its way sends one to the event loop, which
 * encodes every reply that is due and flushes once.
 *
 * <p>A connection ends in steps, so that nothing owed is lost: requests are no longer taken; all replies owed are
 * written; the sending side is shut; what the client still sends is thrown away for a bounded time, because closing a
 * socket with unread bytes would destroy replies on their way; then the socket is closed.
 *
 * <p>Confined to its event loop, but for {@link #answered} and {@link #kill}. This file is long because the gate and
 * the steps of an ending are one state machine.
 */
final class Connection extends ChannelInboundHandlerAdapter {

    /** Commands that may be unanswered at once. */
    static final int OUTSTANDING_MAX = 1024;

    /** Bytes of requests that may be unanswered at once; one request may pass it. */
    static final long OUTSTANDING_BYTES_MAX = 64L << 20;

    /** Bytes that are still read while the gate is closed, so that the end of the input is seen. */
    private static final int WAITING_BYTES_MAX = 64 * 1024;

    /** Answered replies are written at the latest after this many requests of one read. */
    private static final int DRAIN_EVERY = 64;

    private static final long LINGER_MILLIS = 1_000;

    /** A client that takes none of its replies for this long, while many wait, is disconnected. */
    private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final byte[][] NO_WORDS = {};

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final VarHandle WAKING;

    static {
        try {
            WAKING = MethodHandles.lookup().findVarHandle(Connection.class, "waking", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private enum Phase {
        OPEN,
        /** No more requests are taken; replies owed are written. */
        ENDING,
        /** The sending side is shut or about to be. */
        LINGERING,
        CLOSED
    }

    private final DuplexChannel channel;
    private final @Nullable SslHandler tls;
    private final EventLoop eventLoop;
    private final Loop loop;
    private final Dispatcher dispatcher;
    private final Session session;
    private final Supplier<ClientLimits> limits;
    private final Statistics totals;
    private final SlowLog slowLog;
    private final Ticker ticker;
    private final RequestDecoder decoder = new RequestDecoder();
    private final ReplyRing ring = new ReplyRing();
    private final Queue<Reply> messages = new ConcurrentLinkedQueue<>();
    private final AtomicLong messageBytes = new AtomicLong();
    private final ReplyWriter writer;

    @SuppressWarnings("UnusedVariable") // read through WAKING
    private boolean waking;

    private Phase phase = Phase.OPEN;
    private boolean working;
    private boolean reading = true;
    private boolean inputEnded;
    private byte @Nullable [][] held;
    private boolean exclusive;
    private long owedBytes;
    private long stalledSinceNanos;
    private long stalledAtBytes;
    private long softSinceNanos;

    /** @param tls what stands before this in the pipeline, null for a plain connection */
    Connection(
            DuplexChannel channel,
            @Nullable SslHandler tls,
            Loop loop,
            Dispatcher dispatcher,
            Session session,
            Supplier<ClientLimits> limits,
            Statistics totals,
            SlowLog slowLog,
            Ticker ticker) {
        this.channel = channel;
        this.tls = tls;
        this.eventLoop = channel.eventLoop();
        this.loop = loop;
        this.dispatcher = dispatcher;
        this.session = session;
        this.limits = limits;
        this.totals = totals;
        this.slowLog = slowLog;
        this.ticker = ticker;
        this.writer = new ReplyWriter(channel, loop.statistics());
        session.outlet(this::send, message -> onLoop(() -> sendAfterReplies(message)));
    }

    Session session() {
        return session;
    }

    LoopStatistics statistics() {
        return loop.statistics();
    }

    long nanoTime() {
        return ticker.nanoTime();
    }

    /** Returns whether commands before this one are unanswered. */
    boolean owesReplies() {
        return !ring.isEmpty();
    }

    /** Answers a command at once. */
    void reply(Reply reply, CommandMeter meter, byte[][] words, long startedNanos) {
        long took = nanoTime() - startedNanos;
        count(reply, meter, words, took);
        enqueue(reply, session.silent());
    }

    /** Answers a request that is not run; {@code meter} is null if it names no command. */
    void refuse(@Nullable CommandMeter meter, Reply.Error error) {
        if (meter != null) {
            meter.refused();
        }
        statistics().error(error.text());
        enqueue(error, session.silentNext());
    }

    /** Answers a command that is kept for EXEC. */
    void queued(Reply reply) {
        enqueue(reply, session.silentNext());
    }

    /** Runs {@code task} on the event loop: at once if this is it. By any thread. */
    void onLoop(Runnable task) {
        if (eventLoop.inEventLoop()) {
            task.run();
        } else {
            execute(task);
        }
    }

    /** Has the event loop run {@code task}, unless the gateway has stopped: then nobody hears what it would send. */
    private void execute(Runnable task) {
        try {
            eventLoop.execute(task);
        } catch (RejectedExecutionException ended) {
            assert eventLoop.isShuttingDown() : ended;
        }
    }

    /** Returns the place of a reply that comes later. */
    PendingReply owe(CommandMeter meter, byte[][] words, long startedNanos, long requestBytes, boolean alone) {
        PendingReply pending = new PendingReply(
                this, meter, words, startedNanos, requestBytes, session.resp3(), session.silent(), alone);
        ring.add(pending);
        owedBytes += requestBytes;
        exclusive |= alone;
        return pending;
    }

    /** Keeps {@code words}, and all requests after it, until {@code pause} ends. */
    void holdForPause(byte[][] words, Pause pause, long nowNanos) {
        held = words;
        session.blocked(true);
        Runnable wake = () -> execute(this::work);
        dispatcher.sessions().held(session, wake);
        if (dispatcher.sessions().pause() != pause) {
            wake.run();
        }
        eventLoop.schedule(this::work, pause.untilNanos() - nowNanos, TimeUnit.NANOSECONDS);
    }

    /** Keeps {@code words}, and all requests after it, until every command before it is answered. */
    void holdUntilAnswered(byte[][] words) {
        held = words;
    }

    /** A reply has been put in its place; by any thread. */
    void answered() {
        if (eventLoop.inEventLoop() && working) {
            return;
        }
        if (WAKING.compareAndSet(this, false, true)) {
            execute(this::woken);
        }
    }

    /**
     * Sends what is no reply, between replies; by any thread. Messages keep their order. A client that leaves more of
     * them unread than it may is disconnected.
     */
    private void send(Reply message) {
        messages.add(message);
        long bytes = messageBytes.addAndGet(ReplyEncoder.size(message));
        long max = limits.get().messageBytesMax();
        if (max > 0 && bytes > max) {
            kill();
        }
        answered();
    }

    /** Sends what is no reply behind the replies that are owed now. */
    private void sendAfterReplies(Reply message) {
        PendingReply last = ring.last();
        if (last == null) {
            send(message);
        } else {
            last.thenSend(message);
        }
    }

    /** Closes the connection at once; by any thread. */
    void kill() {
        channel.close();
    }

    /**
     * Returns whether replies are to be delivered before it closes; nobody knows when those come that wait for data.
     */
    boolean owes() {
        return phase == Phase.ENDING && !session.blocked();
    }

    /** Takes no more requests, delivers the replies owed, and closes. */
    void end() {
        if (phase == Phase.OPEN) {
            phase = Phase.ENDING;
            work();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        loop.add(this);
        dispatcher.sessions().add(session);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        phase = Phase.CLOSED;
        held = null;
        messages.clear();
        session.subscriber().leaveAll();
        writer.discard();
        loop.remove(this);
        dispatcher.ended(session);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        int length = in.readableBytes();
        statistics().read(length);
        if (phase != Phase.OPEN) {
            in.release();
            return;
        }
        byte[] bytes = loop.scratch(length);
        in.readBytes(bytes, 0, length);
        in.release();
        ClientLimits now = limits.get();
        decoder.limits(now.bulkBytesMax(), now.queryBytesMax());
        decoder.feed(bytes, 0, length);
        advance();
        decoder.release();
        session.heard(nanoTime(), decoder.bufferedBytes());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        settle();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (channel.isWritable() && !working) {
            work();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
            inputEnded = true;
            if (phase == Phase.LINGERING) {
                channel.close();
            } else {
                work();
            }
        } else if (event instanceof SslHandshakeCompletionEvent handshake) {
            shaken(handshake);
        }
    }

    private void shaken(SslHandshakeCompletionEvent handshake) {
        if (tls == null || !handshake.isSuccess()) {
            totals.failedHandshake();
            LOG.debug("a TLS handshake failed client={}", session.address(), handshake.cause());
            channel.close();
            return;
        }
        Handshakes.commonName(tls).ifPresent(name -> dispatcher.certified(session, name, nanoTime()));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        failed(cause);
    }

    /** Closes the connection if it has been idle, or has left its replies unread, for too long. */
    void checkLimits(ClientLimits ofAll, long nowNanos) {
        ClientLimits now = session.subscriber().isActive() ? ofAll.ofSubscriber() : ofAll;
        long pending = writer.pendingBytes();
        session.outputBytes(pending);
        long idle = nowNanos - session.activeNanos();
        boolean waits = !ring.isEmpty() || held != null || session.subscriber().isActive();
        if (now.timeoutSeconds() > 0 && !waits && idle > seconds(now.timeoutSeconds())) {
            channel.close();
            return;
        }
        if (now.outputSoftBytes() > 0 && pending > now.outputSoftBytes()) {
            softSinceNanos = softSinceNanos == 0 ? nowNanos : softSinceNanos;
            if (nowNanos - softSinceNanos > seconds(now.outputSoftSeconds())) {
                passedOutputLimit(pending);
                return;
            }
        } else {
            softSinceNanos = 0;
        }
        boolean stalled = now.outputBytesMax() > 0 && pending >= now.outputBytesMax() / 2;
        if (!stalled || pending != stalledAtBytes) {
            stalledSinceNanos = nowNanos;
            stalledAtBytes = pending;
        } else if (nowNanos - stalledSinceNanos > STALL_NANOS) {
            passedOutputLimit(pending);
        }
    }

    private void failed(Throwable cause) {
        boolean ofTls = cause instanceof DecoderException; // the client's bytes are no TLS
        if (!(cause instanceof IOException) && !ofTls) {
            LOG.error("connection closed after a fault client={}", session.address(), cause);
        }
        channel.close();
    }

    private void woken() {
        WAKING.setVolatile(this, false);
        work();
    }

    private void work() {
        if (phase == Phase.CLOSED) {
            return;
        }
        try {
            advance();
            settle();
        } catch (RuntimeException | AssertionError fault) {
            failed(fault);
        }
    }

    /** Takes requests and writes replies as long as there is something to take or write. */
    private void advance() {
        working = true;
        do {
            drain();
        } while (take());
        working = false;
    }

    /** Takes requests while the gate is open; returns whether it took one. */
    private boolean take() {
        boolean any = false;
        byte[][] again = held;
        if (again != null && phase != Phase.CLOSED) {
            held = null;
            dispatcher.sessions().resumed(session);
            session.blocked(false);
            dispatcher.run(this, again);
            any = held == null;
        }
        int untilDrain = DRAIN_EVERY;
        while (isOpen()) {
            decoder.authenticated(dispatcher.isLoggedIn(session));
            switch (decoder.next()) {
                case MORE -> {
                    return any;
                }
                case FAULT -> {
                    fault();
                    return true;
                }
                case REQUEST -> {
                    any = true;
                    dispatcher.run(this, decoder.words());
                    if (--untilDrain == 0) {
                        untilDrain = DRAIN_EVERY;
                        drain();
                    }
                }
            }
        }
        return any;
    }

    private boolean isOpen() {
        if (phase != Phase.OPEN || held != null || exclusive) {
            return false;
        }
        if (session.ending()) {
            phase = Phase.ENDING;
            return false;
        }
        return ring.size() < OUTSTANDING_MAX
                && owedBytes < OUTSTANDING_BYTES_MAX
                && writer.pendingBytes() < outputBytesToPause();
    }

    /**
     * Returns the unread bytes of replies at which no more requests are taken: half of those that end the connection.
     */
    private long outputBytesToPause() {
        long max = limits.get().outputBytesMax();
        return max == 0 ? Long.MAX_VALUE : max / 2;
    }

    private void fault() {
        phase = Phase.ENDING;
        String text = decoder.fault();
        if (text.isEmpty()) {
            totals.passedQueryLimit();
            LOG.warn("closed a client whose request passed client-query-buffer-limit client={}", session.address());
            channel.close();
            return;
        }
        statistics().error(text);
        enqueue(Reply.error(text), false);
    }

    private void enqueue(Reply reply, boolean silent) {
        sendMessages();
        if (ring.isEmpty() && writer.ready()) {
            if (!silent) {
                writer.write(reply, session.resp3());
            }
            return;
        }
        PendingReply answered = new PendingReply(this, null, NO_WORDS, 0, 0, session.resp3(), silent, false);
        ring.add(answered);
        answered.accept(reply);
    }

    /** Encodes the replies that are due, and counts their commands. */
    void drain() {
        writer.advance();
        sendMessages();
        writeReplies();
        sendMessages();
    }

    private void writeReplies() {
        PendingReply first = ring.first();
        while (first != null && writer.ready()) {
            Reply reply = first.reply();
            if (reply == null) {
                return;
            }
            ring.removeFirst();
            owedBytes -= first.requestBytes;
            if (first.exclusive) {
                exclusive = false;
            }
            if (first.meter != null) {
                count(reply, first.meter, first.words, first.tookNanos());
            }
            if (!first.silent && phase != Phase.CLOSED) {
                writer.write(reply, first.resp3);
            }
            dispatcher.answered(first.read());
            first.following().forEach(this::send);
            first = ring.first();
        }
    }

    private void sendMessages() {
        while (writer.ready()) {
            Reply message = messages.poll();
            if (message == null) {
                return;
            }
            messageBytes.addAndGet(-ReplyEncoder.size(message));
            if (phase != Phase.CLOSED) {
                writer.write(message, session.resp3());
            }
        }
    }

    private void count(Reply reply, CommandMeter meter, byte[][] words, long tookNanos) {
        boolean failed = false;
        if (reply instanceof Reply.Error error) {
            failed = true;
            statistics().error(error.text());
        }
        statistics().ran(meter, tookNanos, failed);
        slowLog.offer(session, words, meter.fast(), tookNanos);
    }

    /** Flushes, reads on or not, and ends the connection if it is time. */
    private void settle() {
        if (phase == Phase.CLOSED) {
            return;
        }
        writer.flush();
        ClientLimits now = limits.get();
        long max = session.subscriber().isActive() ? now.messageBytesMax() : now.outputBytesMax();
        if (max > 0 && writer.pendingBytes() > max) {
            passedOutputLimit(writer.pendingBytes());
            return;
        }
        boolean open = isOpen();
        if (phase == Phase.OPEN && inputEnded && open) {
            phase = Phase.ENDING;
        }
        boolean wanted = phase != Phase.OPEN || open || decoder.bufferedBytes() < WAITING_BYTES_MAX;
        if (wanted != reading) {
            reading = wanted;
            channel.config().setAutoRead(wanted);
        }
        if (phase == Phase.ENDING && ring.isEmpty() && writer.ready()) {
            linger();
        }
    }

    private void linger() {
        phase = Phase.LINGERING;
        loop.delivered();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> {
            if (inputEnded) {
                channel.close();
                return;
            }
            if (tls == null) {
                channel.shutdownOutput();
            } else {
                tls.closeOutbound().addListener(_ -> channel.shutdownOutput()); // the end of TLS, then of TCP
            }
            eventLoop.schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
        });
    }

    private void passedOutputLimit(long bytes) {
        totals.passedOutputLimit();
        LOG.warn("closed a client that left its replies unread client={} bytes={}", session.address(), bytes);
        channel.close();
    }

    private static long seconds(long seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }
}
