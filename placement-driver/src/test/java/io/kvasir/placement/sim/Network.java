package io.kvasir.placement.sim;

import io.kvasir.proto.id.StoreId;
import io.kvasir.region.link.Link;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Links between the processes: in order, late, cut now and then; requests may arrive twice, answers long after. */
final class Network {

    private final World world;
    private final Map<StoreId, End> ends = new HashMap<>();
    private final Set<List<StoreId>> cut = new HashSet<>();
    private final Map<List<StoreId>, Long> lastArrivalNanos = new HashMap<>();

    Network(World world) {
        this.world = world;
    }

    /** Returns a new link of {@code process}, which replaces that of an earlier life. */
    Link open(Process process) {
        End end = new End(process);
        ends.put(process.store(), end);
        return end;
    }

    void cut(StoreId a, StoreId b) {
        cut.add(List.of(a, b));
        cut.add(List.of(b, a));
    }

    void heal() {
        cut.clear();
    }

    boolean connected(StoreId a, StoreId b) {
        return a.equals(b) || !cut.contains(List.of(a, b));
    }

    private long delay() {
        return world.oneIn(50) ? world.millisBetween(1, 3_000) : world.millisBetween(0.1, 3);
    }

    private final class End implements Link {
        private final Process process;
        private final Map<Channel, Handler> handlers = new EnumMap<>(Channel.class);

        End(Process process) {
            this.process = process;
        }

        @Override
        public StoreId self() {
            return process.store();
        }

        @Override
        public void send(StoreId to, Channel channel, byte[] request, int timeoutMillis, Answer answer) {
            Call call = new Call(process, answer);
            process.after(timeoutMillis, () -> call.finish(null, new Failure("time-out", true)));
            deliver(to, channel, request, call);
            if (world.oneIn(20)) {
                deliver(to, channel, request, call);
            }
        }

        private void deliver(StoreId to, Channel channel, byte[] request, Call call) {
            List<StoreId> stream = List.of(self(), to);
            long arrivalNanos = Math.max(lastArrivalNanos.getOrDefault(stream, 0L), world.nowNanos() + delay());
            lastArrivalNanos.put(stream, arrivalNanos);
            world.after(arrivalNanos - world.nowNanos(), () -> {
                End other = ends.get(to);
                if (other == null || !connected(self(), to)) {
                    return;
                }
                Handler handler = other.handlers.get(channel);
                if (handler != null) {
                    Consumer<byte[]> respond = response -> world.after(delay(), () -> {
                        if (connected(self(), to)) {
                            world.at(process, 0, () -> call.finish(response, null));
                        }
                    });
                    world.at(other.process, 0, () -> handler.handle(self(), request, respond));
                }
            });
        }

        @Override
        public void serve(Channel channel, Handler handler) {
            if (handlers.put(channel, handler) != null) {
                throw new IllegalStateException("two handlers of " + channel);
            }
        }

        @Override
        public boolean isUp(StoreId to) {
            return connected(self(), to);
        }

        @Override
        public void close() {
            ends.remove(self(), this);
        }
    }

    /** One request; its answer is heard once, in the life that asked. */
    private static final class Call {
        private final int life;
        private final Process process;
        private Link.@Nullable Answer answer;

        Call(Process process, Link.Answer answer) {
            this.process = process;
            this.life = process.life();
            this.answer = answer;
        }

        void finish(byte @Nullable [] response, Link.@Nullable Failure failure) {
            Link.Answer to = answer;
            if (to != null && process.life() == life) {
                answer = null;
                to.accept(response, failure);
            }
        }
    }
}
