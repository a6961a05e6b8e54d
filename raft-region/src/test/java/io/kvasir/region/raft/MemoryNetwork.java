package io.kvasir.region.raft;

import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.Link;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiPredicate;

/** Links between stores of one process: in order, without loss but where a test cuts or filters them. */
final class MemoryNetwork {

    private final Map<StoreId, MemoryLink> links = new ConcurrentHashMap<>();
    private final Set<StoreId> isolated = ConcurrentHashMap.newKeySet();
    private volatile BiPredicate<StoreId, byte[]> passes = (to, frame) -> true;

    Link join(StoreId store) {
        MemoryLink link = new MemoryLink(store);
        links.put(store, link);
        return link;
    }

    void isolate(StoreId store) {
        isolated.add(store);
    }

    void heal(StoreId store) {
        isolated.remove(store);
    }

    /** Requests that fail {@code test} vanish. */
    void filter(BiPredicate<StoreId, byte[]> test) {
        passes = test;
    }

    private final class MemoryLink implements Link {

        private final StoreId self;
        private final Map<Channel, Handler> handlers = new EnumMap<>(Channel.class);
        private final ExecutorService inbox;
        private volatile boolean closed;

        MemoryLink(StoreId self) {
            this.self = self;
            this.inbox = Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("memory-link-" + self).factory());
        }

        @Override
        public StoreId self() {
            return self;
        }

        @Override
        public void send(StoreId to, Channel channel, byte[] request, int timeoutMillis, Answer answer) {
            MemoryLink target = links.get(to);
            if (target == null || !isUp(to)) {
                answer.accept(null, new Failure("down", false));
                return;
            }
            if (!passes.test(to, request)) {
                return;
            }
            target.deliver(() -> {
                Handler handler = target.handlers.get(channel);
                if (handler != null && isUp(to)) {
                    handler.handle(self, request, response -> deliver(() -> answer.accept(response, null)));
                }
            });
        }

        private void deliver(Runnable task) {
            if (!closed) {
                inbox.execute(task);
            }
        }

        @Override
        public void serve(Channel channel, Handler handler) {
            handlers.put(channel, handler);
        }

        @Override
        public boolean isUp(StoreId to) {
            MemoryLink target = links.get(to);
            return target != null && !target.closed && !closed && !isolated.contains(to) && !isolated.contains(self);
        }

        @Override
        public void close() {
            closed = true;
            inbox.shutdown();
        }
    }
}
