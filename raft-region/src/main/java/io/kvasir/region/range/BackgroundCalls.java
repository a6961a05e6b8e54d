package io.kvasir.region.range;

import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import io.kvasir.region.Procedure;
import io.kvasir.region.ProcedureTable;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * How a store calls one procedure at the ranges led here, of its own accord: at most one call of a range is under way,
 * and one that a range refused begins a new generation of the stream (rule K28). Safe for any thread.
 */
final class BackgroundCalls {

    private final Procedure procedure;
    private final long gateway;
    private final Set<RegionId> underWay = ConcurrentHashMap.newKeySet();
    private final Map<RegionId, Long> generations = new ConcurrentHashMap<>();

    /**
     * @param gateway number of this source of commands, of no other one
     * @throws IllegalArgumentException if there is no procedure {@code name}
     */
    BackgroundCalls(ProcedureTable procedures, String name, long gateway) {
        procedure = procedures.find(name, 1).orElseThrow(() -> new IllegalArgumentException("no procedure " + name));
        this.gateway = gateway;
    }

    boolean isUnderWay(RegionId region) {
        return underWay.contains(region);
    }

    /** Returns the call with {@code arguments}. */
    Invocation invocation(byte[][] arguments) {
        return procedure.parse(request(arguments));
    }

    private Request request(byte[][] arguments) {
        return new Request(procedure.name(), 1, 0, 0, 0, Optional.empty(), 0, arguments);
    }

    /**
     * Calls {@code range}, unless a call is under way there.
     *
     * @param hashes of the keys to be marked busy meanwhile
     * @param whenReplied gets the reply, if there is one, on any thread, before the next call can begin; returns what
     *     is to be done once it can
     */
    void call(Range range, byte[][] arguments, int[] hashes, Function<Reply, Runnable> whenReplied) {
        RegionId region = range.descriptor().id();
        if (!underWay.add(region)) {
            return;
        }
        range.submit(
                request(arguments),
                invocation(arguments),
                hashes,
                range.descriptor().epoch().version(),
                new StreamPlace(gateway, generations.getOrDefault(region, 1L)),
                outcome -> {
                    Runnable next = () -> {};
                    if (outcome instanceof Outcome.Done(Reply reply)) {
                        next = whenReplied.apply(reply);
                    } else {
                        generations.merge(region, 2L, (old, two) -> old + 1);
                    }
                    underWay.remove(region);
                    next.run();
                });
    }
}
