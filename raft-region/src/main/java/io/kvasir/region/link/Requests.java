package io.kvasir.region.link;

import io.kvasir.region.link.Link.Answer;
import io.kvasir.region.link.Link.Failure;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Requests without an answer yet. Each gets exactly one, from whoever removes it. Safe for any thread. */
final class Requests {

    private record Open(Answer answer, int bytes, long deadline) {}

    private final long bytesMax;
    private final Map<Long, Open> open = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    /** @param bytesMax most bytes of requests without an answer */
    Requests(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** Admits a request; returns its id, or 0 if there is no room. */
    long add(Answer answer, int size, long deadline) {
        if (bytes.addAndGet(size) > bytesMax) {
            bytes.addAndGet(-size);
            return 0;
        }
        long id = ids.incrementAndGet();
        open.put(id, new Open(answer, size, deadline));
        return id;
    }

    void respond(long id, byte[] response) {
        Open one = remove(id);
        if (one != null) {
            one.answer().accept(response, null);
        }
    }

    void fail(long id, Failure failure) {
        Open one = remove(id);
        if (one != null) {
            one.answer().accept(null, failure);
        }
    }

    void failAll(Failure failure) {
        open.keySet().forEach(id -> fail(id, failure));
    }

    /** Fails what is overdue; returns whether there was any. */
    boolean expire(long now, Failure failure) {
        boolean any = false;
        for (Map.Entry<Long, Open> one : open.entrySet()) {
            if (now - one.getValue().deadline() >= 0) {
                any = true;
                fail(one.getKey(), failure);
            }
        }
        return any;
    }

    private @Nullable Open remove(long id) {
        Open one = open.remove(id);
        if (one != null) {
            bytes.addAndGet(-one.bytes());
        }
        return one;
    }
}
