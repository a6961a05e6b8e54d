package io.kvasir.txn;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.Timer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The streams of a gateway, one for each region that it knows, and the routes to them. Both change as one: whoever
 * finds a stream whose place others have taken asks the newer routes, and what it sends comes after all that its
 * session sent to the stream before.
 *
 * <p>Safe for any thread.
 */
final class RegionStreams implements RegionStream.Successors {

    /** Routes and the streams of exactly their regions. */
    private record Routing(RouteTable table, Map<RegionId, RegionStream> streams) {}

    private final long gateway;
    private final RegionStream.Transport transport;
    private final Ticker ticker;
    private final Timer timer;
    private final Consumer<Handover> routeAgain;
    private final AtomicLong generations = new AtomicLong();

    /** Streams that wait for one that ends. Guarded by this. */
    private final Map<RegionStream, List<RegionStream>> followers = new HashMap<>();

    /** Replaced under this. */
    private volatile Routing routing;

    /** @param routeAgain routes what a stream that has ended passes on */
    RegionStreams(
            RouteTable table,
            long gateway,
            RegionStream.Transport transport,
            Ticker ticker,
            Timer timer,
            Consumer<Handover> routeAgain) {
        this.gateway = gateway;
        this.transport = transport;
        this.ticker = ticker;
        this.timer = timer;
        this.routeAgain = routeAgain;
        Map<RegionId, RegionStream> streams = new HashMap<>();
        table.regions().forEach(region -> streams.put(region.id(), stream(region, Optional.empty(), 0)));
        routing = new Routing(table, streams);
    }

    private RegionStream stream(RegionDescriptor region, Optional<StoreId> hint, int predecessors) {
        return new RegionStream(
                region, gateway, transport, ticker, timer, generations::incrementAndGet, this, hint, predecessors);
    }

    RouteTable routes() {
        return routing.table;
    }

    /** Returns whether {@code region} is known, in its version. */
    boolean isCurrent(RegionDescriptor region) {
        RegionStream stream = routing.streams.get(region.id());
        return stream != null && isSameVersion(stream.region(), region);
    }

    private static boolean isSameVersion(RegionDescriptor a, RegionDescriptor b) {
        return a.id().equals(b.id()) && a.epoch().version() == b.epoch().version();
    }

    /** Sends {@code command} to {@code region}; returns false if that is not known, or not in this version any more. */
    boolean send(RegionDescriptor region, RoutedCommand command) {
        RegionStream stream = routing.streams.get(region.id());
        return stream != null && isSameVersion(stream.region(), region) && stream.send(command);
    }

    @Override
    public void learn(List<RegionDescriptor> heard) {
        learn((Collection<RegionDescriptor>) heard);
    }

    /** Takes in what is newer in {@code heard}; streams of what is not any more end. */
    void learn(Collection<RegionDescriptor> heard) {
        List<RegionStream> over = new ArrayList<>();
        synchronized (this) {
            Routing before = routing;
            RouteTable table = before.table.with(heard);
            if (table == before.table) {
                return;
            }
            Map<RegionId, RegionStream> streams = new HashMap<>();
            List<RegionDescriptor> fresh = new ArrayList<>();
            for (RegionDescriptor region : table.regions()) {
                RegionStream known = before.streams.get(region.id());
                if (known != null && isSameVersion(known.region(), region)) {
                    known.refresh(region);
                    streams.put(region.id(), known);
                } else {
                    fresh.add(region);
                }
            }
            before.streams.values().stream()
                    .filter(stream -> streams.get(stream.region().id()) != stream)
                    .forEach(over::add);
            for (RegionDescriptor region : fresh) {
                List<RegionStream> predecessors = over.stream()
                        .filter(stream -> overlap(stream.region(), region))
                        .toList();
                RegionStream stream = stream(
                        region, predecessors.stream().map(RegionStream::target).findFirst(), predecessors.size());
                predecessors.forEach(one -> followers
                        .computeIfAbsent(one, none -> new ArrayList<>())
                        .add(stream));
                streams.put(region.id(), stream);
            }
            routing = new Routing(table, streams);
        }
        over.forEach(RegionStream::supersede);
    }

    private static boolean overlap(RegionDescriptor a, RegionDescriptor b) {
        return (b.end().length == 0 || Arrays.compareUnsigned(a.start(), b.end()) < 0)
                && (a.end().length == 0 || Arrays.compareUnsigned(b.start(), a.end()) < 0);
    }

    @Override
    public void passOn(RegionStream stream, List<RoutedCommand> commands) {
        List<RegionStream> successors;
        RouteTable table;
        synchronized (this) {
            List<RegionStream> known = followers.remove(stream);
            successors = known == null ? List.of() : known;
            table = routing.table;
        }
        Handover handover = new Handover(table, commands, successors);
        routeAgain.accept(handover);
        handover.end();
    }

    /** What a stream that has ended leaves, and who may take it. Confined to the thread that ended it. */
    static final class Handover {

        private final RouteTable routes;
        private final List<RoutedCommand> commands;
        private final Map<RegionStream, List<RoutedCommand>> bySuccessor = new LinkedHashMap<>();

        private Handover(RouteTable routes, List<RoutedCommand> commands, List<RegionStream> successors) {
            this.routes = routes;
            this.commands = commands;
            successors.forEach(stream -> bySuccessor.put(stream, new ArrayList<>()));
        }

        RouteTable routes() {
            return routes;
        }

        List<RoutedCommand> commands() {
            return commands;
        }

        /** Gives {@code command} to the successor that holds the keys of {@code region}. */
        void put(RegionDescriptor region, RoutedCommand command) {
            bySuccessor.forEach((stream, taken) -> {
                if (overlap(stream.region(), region)) {
                    taken.add(command);
                }
            });
        }

        /** Takes out what waits of {@code session} in the successors. */
        List<RoutedCommand> takeWaiting(SessionOrder session) {
            List<RoutedCommand> taken = new ArrayList<>();
            bySuccessor.keySet().forEach(stream -> taken.addAll(stream.takeWaiting(session)));
            return taken;
        }

        private void end() {
            bySuccessor.forEach(RegionStream::inherit);
        }
    }
}
