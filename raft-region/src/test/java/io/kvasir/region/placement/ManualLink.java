package io.kvasir.region.placement;

import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.Link;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.Timer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A link, clock and timer by hand: the test answers each request and lets time pass. */
final class ManualLink implements Link, Ticker, Timer {

    /** A request that waits for the test's answer. */
    record Sent(StoreId to, byte[] request, Answer answer) {
        void answer(byte[] response) {
            answer.accept(response, null);
        }

        void fail() {
            answer.accept(null, new Failure("cut", true));
        }
    }

    private record Due(long atNanos, Runnable task) {}

    private final StoreId self;
    private final Deque<Sent> sent = new ArrayDeque<>();
    private final List<Due> due = new ArrayList<>();
    private long nowNanos = Long.MAX_VALUE - 3_000_000;

    ManualLink(long self) {
        this.self = new StoreId(self);
    }

    /** Returns the oldest request that is not taken yet. */
    Sent take() {
        return sent.remove();
    }

    boolean silent() {
        return sent.isEmpty();
    }

    void passMillis(long millis) {
        nowNanos += millis * 1_000_000;
        List<Due> ready =
                due.stream().filter(task -> task.atNanos() - nowNanos <= 0).toList();
        due.removeAll(ready);
        ready.forEach(task -> task.task().run());
    }

    @Override
    public StoreId self() {
        return self;
    }

    @Override
    public void send(StoreId to, Channel channel, byte[] request, int timeoutMillis, Answer answer) {
        sent.add(new Sent(to, request, answer));
    }

    @Override
    public void serve(Channel channel, Handler handler) {
        throw new UnsupportedOperationException("clients only");
    }

    @Override
    public boolean isUp(StoreId to) {
        return true;
    }

    @Override
    public void close() {
        sent.clear();
    }

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    @Override
    public void after(long delayMillis, Runnable task) {
        due.add(new Due(nowNanos + delayMillis * 1_000_000, task));
    }
}
