package io.kvasir.region.link;

import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The sending end of one stream. Frames leave in the order given, several in one message if they meet: the thread that
 * finds the outbox idle writes for all that come meanwhile, so none waits and none is woken.
 *
 * <p>Safe for any thread.
 */
final class Outbox {

    /** Bytes after which no further frame joins a message. */
    static final int BATCH_BYTES_MAX = 256 << 10;

    private final StreamObserver<List<Frame>> stream;
    private final Queue<Frame> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger work = new AtomicInteger();

    Outbox(StreamObserver<List<Frame>> stream) {
        this.stream = stream;
    }

    /**
     * Sends {@code frame}, soon.
     *
     * @throws RuntimeException if the stream is broken; frames of others may be lost with it
     */
    void send(Frame frame) {
        waiting.add(frame);
        if (work.getAndIncrement() != 0) {
            return;
        }
        int done = 1;
        do {
            try {
                writeAll();
            } catch (RuntimeException e) {
                // Whoever adds to a broken stream must not find it busy for ever.
                work.set(0);
                throw e;
            }
            done = work.addAndGet(-done);
        } while (done != 0);
    }

    private void writeAll() {
        List<Frame> batch = new ArrayList<>();
        int bytes = 0;
        Frame next;
        while ((next = waiting.poll()) != null) {
            batch.add(next);
            bytes += next.bytes();
            if (bytes >= BATCH_BYTES_MAX) {
                stream.onNext(batch);
                batch = new ArrayList<>();
                bytes = 0;
            }
        }
        if (!batch.isEmpty()) {
            stream.onNext(batch);
        }
    }
}
