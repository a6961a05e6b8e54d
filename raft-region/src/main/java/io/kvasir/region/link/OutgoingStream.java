package io.kvasir.region.link;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.Link.Answer;
import io.kvasir.region.link.Link.Failure;
import io.kvasir.region.time.Ticker;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One life of the stream to a peer: from the greeting until it breaks, when everything outstanding fails. It takes
 * requests as soon as the peer has greeted back.
 *
 * <p>Safe for any thread; {@link #onNext} and the other ends are called by the stream's thread.
 */
final class OutgoingStream implements ClientResponseObserver<List<Frame>, List<Frame>> {

    /** Most bytes of requests without an answer; more are refused at once. */
    static final long OUTSTANDING_BYTES_MAX = 128L << 20;

    /** A peer that has said nothing for so long, and leaves a request without its answer, is cut off; nanoseconds. */
    static final long SILENCE_NANOS = 5_000_000_000L;

    private final Hello mine;
    private final Ticker ticker;
    private final Consumer<OutgoingStream> onUp;
    private final Consumer<String> onDown;
    private final Requests requests = new Requests(OUTSTANDING_BYTES_MAX);
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile @Nullable ClientCallStreamObserver<List<Frame>> call;
    private volatile @Nullable Outbox outbox;
    private volatile boolean greeted;
    private volatile long heardAt;

    /**
     * @param onUp told once when the peer has greeted back
     * @param onDown told once when the stream has ended, and why
     */
    OutgoingStream(Hello mine, Ticker ticker, Consumer<OutgoingStream> onUp, Consumer<String> onDown) {
        this.mine = mine;
        this.ticker = ticker;
        this.onUp = onUp;
        this.onDown = onDown;
        this.heardAt = ticker.nanoTime();
    }

    StoreId peer() {
        return mine.to();
    }

    boolean isUp() {
        return greeted && !ended.get();
    }

    /** Sends a request, or answers at once that it was not sent. */
    void send(Link.Channel channel, byte[] request, int timeoutMillis, Answer answer) {
        Outbox open = outbox;
        if (open == null || !isUp()) {
            answer.accept(null, new Failure("no stream to " + peer(), false));
            return;
        }
        long id = requests.add(answer, request.length, ticker.nanoTime() + timeoutMillis * 1_000_000L);
        if (id == 0) {
            answer.accept(null, new Failure("too much is unanswered by " + peer(), false));
            return;
        }
        try {
            open.send(new Frame(Frame.Kind.REQUEST, channel.number(), id, request));
        } catch (RuntimeException e) {
            end("cannot send: " + e.getMessage());
        }
        if (ended.get()) {
            // It may have ended between the check and the entry, when nobody else would answer.
            requests.fail(id, new Failure("stream to " + peer() + " broke", true));
        }
    }

    /** Fails what is overdue, and ends the stream if the peer is mute. Called by the link's timer. */
    void expire(long now) {
        boolean overdue = requests.expire(now, new Failure("no answer from " + peer() + " in time", true));
        if (now - heardAt > SILENCE_NANOS && (overdue || !greeted)) {
            end("mute for " + SILENCE_NANOS / 1_000_000 + " ms");
        }
    }

    /** Ends the stream and fails all that is outstanding. */
    void end(String reason) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        ClientCallStreamObserver<List<Frame>> open = call;
        if (open != null) {
            open.cancel(reason, null);
        }
        requests.failAll(new Failure("stream to " + peer() + " broke: " + reason, true));
        onDown.accept(reason);
    }

    // ---- the stream's side

    @Override
    public void beforeStart(ClientCallStreamObserver<List<Frame>> started) {
        call = started;
    }

    /** Greets the peer. Called once, when the stream was started. */
    void greet() {
        ClientCallStreamObserver<List<Frame>> open = call;
        if (open != null) {
            Outbox box = new Outbox(open);
            outbox = box;
            box.send(new Frame(Frame.Kind.HELLO, 0, 0, mine.encode()));
        }
    }

    @Override
    public void onNext(List<Frame> frames) {
        heardAt = ticker.nanoTime();
        for (Frame frame : frames) {
            take(frame);
        }
    }

    private void take(Frame frame) {
        switch (frame.kind()) {
            case HELLO -> {
                Optional<String> objection = Hello.objection(mine, Hello.decode(frame.payload()));
                if (objection.isPresent()) {
                    end("refused: " + objection.get());
                } else if (!greeted) {
                    greeted = true;
                    onUp.accept(this);
                }
            }
            case RESPONSE -> requests.respond(frame.id(), frame.payload());
            case REFUSAL -> requests.fail(frame.id(), new Failure(frame.reason(), false));
            case FAULT -> requests.fail(frame.id(), new Failure(frame.reason(), true));
            case REQUEST -> end("a request came where answers belong");
        }
    }

    @Override
    public void onError(Throwable error) {
        end(String.valueOf(error.getMessage()));
    }

    @Override
    public void onCompleted() {
        end("closed by the peer");
    }
}
