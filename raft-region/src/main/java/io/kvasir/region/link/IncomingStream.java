package io.kvasir.region.link;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.Link.Handler;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests of one peer. Confined to the stream's thread, but for the answers, which may come from any, and for
 * {@link #ended}, which the next stream of the same peer calls.
 */
final class IncomingStream implements StreamObserver<List<Frame>> {

    /** Most stores remembered as refused. */
    private static final int REFUSED_MAX = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(IncomingStream.class);

    private final LinkSettings settings;
    private final Map<Integer, Handler> handlers;
    private final StreamObserver<List<Frame>> answers;
    private final Map<String, String> refused;
    private final Outbox outbox;
    private final Map<StoreId, IncomingStream> newest;
    private volatile @Nullable StoreId from;
    private volatile int streamClass = Hello.MESSAGES;

    /** Whether its sender has begun another stream, or ended this one: nothing of it is heard any more. */
    private final AtomicBoolean over = new AtomicBoolean();

    /**
     * @param newest the last stream of messages of each peer, over all streams
     * @param refused who was refused last, and why, over all streams; so that each gets one line in the log
     */
    IncomingStream(
            LinkSettings settings,
            Map<Integer, Handler> handlers,
            Map<StoreId, IncomingStream> newest,
            Map<String, String> refused,
            StreamObserver<List<Frame>> answers) {
        this.settings = settings;
        this.newest = newest;
        this.refused = refused;
        this.handlers = handlers;
        this.answers = answers;
        this.outbox = new Outbox(answers);
    }

    @Override
    public void onNext(List<Frame> frames) {
        for (Frame frame : frames) {
            if (over.get()) {
                return;
            }
            StoreId sender = from;
            if (sender == null) {
                greet(frame);
                if (from == null) {
                    return;
                }
            } else if (frame.kind() == Frame.Kind.REQUEST) {
                handle(sender, frame);
            }
        }
    }

    private void greet(Frame frame) {
        Hello other;
        try {
            if (frame.kind() != Frame.Kind.HELLO) {
                throw new IllegalArgumentException("the first frame is no greeting");
            }
            other = Hello.decode(frame.payload());
        } catch (IllegalArgumentException e) {
            refuse("unknown", String.valueOf(e.getMessage()));
            return;
        }
        int known = other.streamClass() == Hello.BULK ? Hello.BULK : Hello.MESSAGES;
        Hello mine = new Hello(Frame.FORMAT, known, settings.self(), other.from(), settings.cluster());
        Optional<String> objection = Hello.objection(mine, other);
        if (objection.isPresent()) {
            refuse(other.from().toString(), objection.get());
            return;
        }
        from = other.from();
        streamClass = known;
        if (known == Hello.MESSAGES) {
            IncomingStream before = newest.put(other.from(), this);
            if (before != null) {
                before.ended(); // its sender knows that it broke
            }
        }
        outbox.send(new Frame(Frame.Kind.HELLO, 0, 0, mine.encode()));
    }

    private void refuse(String who, String reason) {
        if (refused.size() >= REFUSED_MAX) {
            refused.clear();
        }
        if (!reason.equals(refused.put(who, reason))) {
            LOG.warn("refused a store, who={}, reason={}", who, reason);
        }
        answers.onError(
                Status.FAILED_PRECONDITION.withDescription("refused: " + reason).asRuntimeException());
    }

    private void handle(StoreId sender, Frame request) {
        Handler handler = handlers.get(request.channel());
        if (handler == null || Hello.classOf(request.channel()) != streamClass) {
            answer(Frame.refusal(Frame.Kind.REFUSAL, request.id(), "nobody serves channel " + request.channel()));
            return;
        }
        AtomicBoolean answered = new AtomicBoolean();
        try {
            handler.handle(sender, request.payload(), response -> {
                if (answered.compareAndSet(false, true)) {
                    answer(new Frame(Frame.Kind.RESPONSE, request.channel(), request.id(), response));
                }
            });
        } catch (RuntimeException e) {
            LOG.error("handler failed, channel={}, from={}", request.channel(), sender, e);
            if (answered.compareAndSet(false, true)) {
                answer(Frame.refusal(Frame.Kind.FAULT, request.id(), "the handler failed"));
            }
        }
    }

    private void answer(Frame frame) {
        try {
            outbox.send(frame);
        } catch (RuntimeException e) {
            // The stream is broken, and who asked has learned so.
            LOG.debug("answer not sent, to={}", from, e);
        }
    }

    @Override
    public void onError(Throwable error) {
        LOG.debug("stream broke, from={}", from, error);
        ended();
    }

    @Override
    public void onCompleted() {
        answers.onCompleted();
        ended();
    }

    private void ended() {
        StoreId sender = from;
        if (sender != null && streamClass == Hello.MESSAGES && over.compareAndSet(false, true)) {
            newest.remove(sender, this);
            handlers.values().forEach(handler -> handler.streamEnded(sender));
        }
    }
}
