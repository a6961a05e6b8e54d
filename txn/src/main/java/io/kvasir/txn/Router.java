package io.kvasir.txn;

import io.kvasir.proto.id.RegionDescriptor;
import io.kvasir.proto.id.RegionId;
import io.kvasir.proto.id.StoreId;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Outcome;
import io.kvasir.proto.request.OutcomeCodec;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import io.kvasir.region.link.Link;
import io.kvasir.region.range.ForwardedCommand;
import io.kvasir.region.range.Range;
import io.kvasir.region.range.RangeTable;
import io.kvasir.region.range.StreamPlace;
import io.kvasir.region.time.Ticker;
import io.kvasir.region.time.Timer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToIntBiFunction;

/**
 * Sends commands to the leaders of their ranges: a read whose range is led here is answered on the spot, everything
 * else goes through one {@link RegionStream} per region. All range errors end here or there. Safe for any thread.
 */
public final class Router implements CommandExecutor {

    /** How long a command is sent again before the client hears that it had no effect. */
    public static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** How long an answer over the link may take before the outcome is unknown. */
    public static final int LINK_TIMEOUT_MILLIS = 15_000;

    /** Argument bytes of a command that is sent to another node: what the link carries, but for the frame around it. */
    static final long FORWARDED_BYTES_MAX = Link.REQUEST_BYTES_MAX * 3L / 4;

    private static final Reply TOO_LARGE_TO_FORWARD =
            Reply.error("ERR value too large to be sent to the node that leads its slot, at most " + FORWARDED_BYTES_MAX
                    + " bytes of arguments; ask that node itself");

    private final long gateway;
    private final RangeTable local;
    private final Link link;
    private final Ticker ticker;
    private final Timer timer;
    private final RegionStream.Transport transport = new StoreTransport();
    private final ConcurrentHashMap<RegionId, RegionStream> streams = new ConcurrentHashMap<>();

    /** By session. A read may be answered on the spot only if no command of its session is under way (rule K28). */
    private final ConcurrentHashMap<Long, SessionOrder> sessions = new ConcurrentHashMap<>();

    private volatile RouteTable routes;

    /**
     * Makes a router.
     *
     * @param gateway number of this gateway process, unique among live ones
     */
    public Router(long gateway, RouteTable routes, RangeTable local, Link link, Ticker ticker, Timer timer) {
        this.gateway = gateway;
        this.routes = routes;
        this.local = local;
        this.link = link;
        this.ticker = ticker;
        this.timer = timer;
    }

    @Override
    public void execute(Request request, Invocation invocation, Consumer<Reply> whenDone) {
        RouteTable table = routes;
        List<byte[]> keys = invocation.userKeys();
        if (keys.isEmpty()) {
            // Of all ranges, or of keys that it finds as it runs: only a range that is everything has them for sure.
            run(table.regions().getFirst(), request, invocation, whenDone);
            return;
        }
        RegionDescriptor region = regionOf(table, invocation, keys.getFirst());
        for (int i = 1; i < keys.size(); i++) {
            if (regionOf(table, invocation, keys.get(i)) != region) {
                whenDone.accept(RegionStream.CROSS_RANGE);
                return;
            }
        }
        if (!invocation.mayReachOthers() || request.is(Request.FLAG_WHOLE_RANGE)) {
            run(region, request, invocation, whenDone);
            return;
        }
        run(region, request, invocation, reply -> {
            if (reply == RegionStream.CROSS_RANGE) {
                run(region, request.with(Request.FLAG_WHOLE_RANGE), invocation, whenDone);
            } else {
                whenDone.accept(reply);
            }
        });
    }

    private RegionDescriptor regionOf(RouteTable table, Invocation invocation, byte[] userKey) {
        return regionOf(table, invocation.database(), userKey, this::instance);
    }

    /**
     * Returns the region of a key. Within a slot records are ordered by database instance, so if the slot is cut the
     * instance decides; what is known of it here may be old, and the range then answers that the key is not its own.
     *
     * @param instances instance of a database, as the range of a region that holds its slot knows it
     */
    static RegionDescriptor regionOf(
            RouteTable table, int database, byte[] userKey, ToIntBiFunction<RegionDescriptor, Integer> instances) {
        List<RegionDescriptor> regions = table.regions();
        if (regions.size() == 1) {
            return regions.getFirst();
        }
        RegionDescriptor near = table.find(KeyLayout.stem(database, userKey));
        int instance = instances.applyAsInt(near, database);
        return instance == database ? near : table.find(KeyLayout.stem(instance, userKey));
    }

    /** All ranges map databases alike, but for moments: any replica here will do. */
    private int instance(RegionDescriptor region, int database) {
        Optional<Range> range =
                local.find(region.id()).or(() -> local.all().stream().findFirst());
        return range.isPresent() ? range.get().instance(database) : database;
    }

    @Override
    public void executeAt(RegionDescriptor region, Request request, Invocation invocation, Consumer<Reply> whenDone) {
        for (RegionDescriptor known : routes.regions()) {
            if (known.equals(region)) {
                run(known, request, invocation, whenDone);
                return;
            }
        }
        whenDone.accept(Reply.error("TRYAGAIN the range has changed, the command had no effect"));
    }

    private void run(RegionDescriptor region, Request request, Invocation invocation, Consumer<Reply> whenDone) {
        int[] hashes = Range.hashesOf(request, invocation);
        SessionOrder session = sessions.get(request.session());
        // JNI would pin a virtual thread to its carrier: what runs there goes through the owner.
        if (invocation.readOnly()
                && (session == null || session.isIdle())
                && !Thread.currentThread().isVirtual()) {
            Optional<Range> range = local.find(region.id());
            if (range.isPresent()) {
                Reply reply = range.get().readNow(invocation, hashes);
                if (reply != null) {
                    whenDone.accept(reply);
                    return;
                }
            }
        }
        SessionOrder order =
                session != null ? session : sessions.computeIfAbsent(request.session(), id -> new SessionOrder());
        RegionStream stream =
                streams.computeIfAbsent(region.id(), id -> new RegionStream(region, gateway, transport, ticker, timer));
        stream.send(new RoutedCommand(request, invocation, hashes, ticker.nanoTime() + GIVE_UP_NANOS, order, whenDone));
    }

    @Override
    public List<RegionDescriptor> regions() {
        return routes.regions();
    }

    /** Replaces the routes by newer ones. */
    public void learn(RouteTable newer) {
        routes = newer;
    }

    @Override
    public void sessionEnded(long session) {
        sessions.remove(session);
    }

    /** To the range in this process, or over the link. */
    private final class StoreTransport implements RegionStream.Transport {

        @Override
        public void send(
                StoreId to,
                RegionDescriptor region,
                StreamPlace place,
                long number,
                RoutedCommand command,
                Consumer<Outcome> back) {
            if (to.equals(link.self())) {
                Optional<Range> range = local.find(region.id());
                if (range.isEmpty()) {
                    back.accept(new Outcome.NotLeader(Optional.empty()));
                    return;
                }
                range.get()
                        .submit(
                                command.request,
                                command.invocation,
                                command.hashes,
                                region.epoch().version(),
                                place,
                                back);
                return;
            }
            if (command.request.argumentBytes() > FORWARDED_BYTES_MAX) {
                back.accept(new Outcome.Done(TOO_LARGE_TO_FORWARD));
                return;
            }
            byte[] message = new ForwardedCommand(region.id(), region.epoch().version(), place, number, command.request)
                    .encode();
            link.send(to, Link.Channel.COMMAND, message, LINK_TIMEOUT_MILLIS, (response, failure) -> {
                if (response != null) {
                    back.accept(OutcomeCodec.decode(response));
                } else if (failure != null && !failure.sent()) {
                    back.accept(new Outcome.Refused(failure.reason()));
                } else {
                    back.accept(new Outcome.Undetermined());
                }
            });
        }

        /** Asks the leader that was named, else the one the replica here knows, else each voter in turn. */
        @Override
        public StoreId target(RegionDescriptor region, Optional<StoreId> hint, int failures) {
            if (hint.isPresent() && failures % 4 != 3) {
                return hint.get();
            }
            Optional<StoreId> known = local.find(region.id()).flatMap(Range::leader);
            if (known.isPresent() && failures % 2 == 0) {
                return known.get();
            }
            return region.voters().get(failures % region.voters().size()).store();
        }
    }
}
